"""Blobs under keys, in a folder or in S3, behind one small interface: `open_objects(location)`."""

from shared.objects.base import ObjectInfo, ObjectStore
from shared.objects.location import open_objects

__all__ = ["ObjectInfo", "ObjectStore", "open_objects"]
