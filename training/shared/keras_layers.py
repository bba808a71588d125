"""Which layers a network of strangers may have, and with what settings: nothing else is made of its description."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Activation = Literal["linear", "relu", "softmax", "sigmoid", "tanh", "elu", "selu", "gelu", "softplus", "softsign"]
Width = Annotated[int, Field(ge=1, le=4096)]
Pair = Annotated[tuple[Annotated[int, Field(ge=1, le=64)], Annotated[int, Field(ge=1, le=64)]], Field(strict=False)]
Padding = Literal["valid", "same"]

_MOST_LAYERS = 64
_LEARNT = ("_initializer", "_regularizer", "_constraint")
"""Settings that matter in training alone end so; they may be objects of any class, and are not looked at."""
_OF_NO_EFFECT = frozenset(
    {
        "name",
        "trainable",
        "seed",
        "noise_shape",
        "batch_shape",
        "batch_input_shape",
        "synchronized",
        "renorm_clipping",
        "renorm_momentum",
    }
)
_INPUT = "InputLayer"


class UnsafeModel(Exception):
    """A file that is no network of known layers, or that could do more than hold one; the text is for the user."""


class _Layer(BaseModel):
    """The settings of a layer: those that are not listed are refused, as nobody knows what they change."""

    model_config = ConfigDict(strict=True, extra="forbid")

    dtype: Annotated[Literal["float32"], BeforeValidator(lambda given: _dtype_name(given))] = "float32"


class _Spatial(_Layer):
    data_format: Literal["channels_last"] | None = "channels_last"


class _Conv2D(_Spatial):
    filters: Width
    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Pair = (1, 1)
    groups: Literal[1] = 1
    activation: Activation = "linear"
    use_bias: bool = True


class _Pooling2D(_Spatial):
    pool_size: Pair = (2, 2)
    strides: Pair | None = None
    padding: Padding = "valid"


class _GlobalPooling2D(_Spatial):
    keepdims: bool = False


class _BatchNormalization(_Layer):
    axis: Annotated[Literal[-1, 1, 3], BeforeValidator(lambda given: _only(given))] = -1
    momentum: float = 0.99
    epsilon: Annotated[float, Field(gt=0, le=1)] = 1e-3
    center: bool = True
    scale: bool = True
    renorm: Literal[False] = Field(default=False, exclude=True)


class _Dense(_Layer):
    units: Width
    activation: Activation = "linear"
    use_bias: bool = True
    quantization_config: None = Field(default=None, exclude=True)


class _Activation(_Layer):
    activation: Activation


class _Dropout(_Layer):
    rate: Annotated[float, Field(ge=0, lt=1)]


_LAYERS: Mapping[str, type[_Layer]] = {
    "Conv2D": _Conv2D,
    "MaxPooling2D": _Pooling2D,
    "AveragePooling2D": _Pooling2D,
    "GlobalMaxPooling2D": _GlobalPooling2D,
    "GlobalAveragePooling2D": _GlobalPooling2D,
    "BatchNormalization": _BatchNormalization,
    "Flatten": _Spatial,
    "Dense": _Dense,
    "Activation": _Activation,
    "Dropout": _Dropout,
}
Checked = tuple[str, dict[str, Any]]
"""Name of a class of keras.layers, and its arguments."""


def checked_layers(network: Any) -> tuple[tuple[int, ...], list[Checked]]:
    """Return the shape of one input, and the layers, of a network's JSON as Keras writes it. Raises UnsafeModel."""
    try:
        found = network["config"]["layers"]
        _require_class(network, "Sequential")
        if not 0 < len(found) <= _MOST_LAYERS:
            raise UnsafeModel(f"It has {len(found)} layers; one to {_MOST_LAYERS} are taken.")
        layers = [_checked(layer) for layer in found if layer["class_name"] != _INPUT]
        return _input_shape(found), layers
    except (AttributeError, LookupError, TypeError) as error:
        raise UnsafeModel("Its description is none that Keras writes.") from error


def _require_class(described: Mapping[str, Any], *names: str) -> str:
    """Return the class of an object, if it is Keras's own of one of these names. Raises UnsafeModel."""
    name, module = described["class_name"], described.get("module") or "keras"
    if name not in names or module not in {"keras", "keras.layers"} or described.get("registered_name") is not None:
        raise UnsafeModel(f"It has a part {name!a} of {module!a}; known are: {', '.join(names)}.")
    return str(name)


def _checked(layer: Mapping[str, Any]) -> Checked:
    name = _require_class(layer, *_LAYERS)
    config = {key: value for key, value in layer["config"].items() if not _is_ignored(key)}
    try:
        return name, _LAYERS[name].model_validate(config).model_dump()
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise UnsafeModel(f"Its layer {name} has a setting {place!a} that is not taken: {fault['msg']}") from error


def _is_ignored(key: str) -> bool:
    return key.endswith(_LEARNT) or key in _OF_NO_EFFECT


def _input_shape(layers: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    config = layers[0]["config"]
    shape = config.get("batch_shape") or config["batch_input_shape"]
    if not all(isinstance(size, int) and size > 0 for size in shape[1:]):
        raise UnsafeModel("Its input has no fixed shape.")
    return tuple(shape[1:])


def _dtype_name(given: Any) -> Any:
    """Return the name in a policy as Keras 3 writes it."""
    return given["config"]["name"] if isinstance(given, dict) else given


def _only(given: Any) -> Any:
    """Return the one member of a list."""
    return given[0] if isinstance(given, list) and len(given) == 1 else given
