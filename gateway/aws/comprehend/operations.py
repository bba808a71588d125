"""Comprehend's operations."""

from gateway.aws.call import Offered
from gateway.aws.comprehend.classes import classify_document
from gateway.aws.comprehend.endpoints import describe_endpoint, list_endpoints
from gateway.aws.comprehend.jobs import (
    describe_sentiment_detection_job,
    list_sentiment_detection_jobs,
    start_sentiment_detection_job,
    stop_sentiment_detection_job,
)
from gateway.aws.comprehend.languages import batch_detect_dominant_language, detect_dominant_language
from gateway.aws.comprehend.sentiment import batch_detect_sentiment, detect_sentiment
from shared.problems import NotServed

COMPREHEND = Offered(
    operations={
        "DetectSentiment": detect_sentiment,
        "BatchDetectSentiment": batch_detect_sentiment,
        "DetectDominantLanguage": detect_dominant_language,
        "BatchDetectDominantLanguage": batch_detect_dominant_language,
        "ClassifyDocument": classify_document,
        "DescribeEndpoint": describe_endpoint,
        "ListEndpoints": list_endpoints,
        "StartSentimentDetectionJob": start_sentiment_detection_job,
        "DescribeSentimentDetectionJob": describe_sentiment_detection_job,
        "ListSentimentDetectionJobs": list_sentiment_detection_jobs,
        "StopSentimentDetectionJob": stop_sentiment_detection_job,
    },
    invalid="InvalidRequestException",
    failure="InternalServerException",
    errors={NotServed: "InvalidRequestException"},
)
