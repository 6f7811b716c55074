"""Classes that look like those of an extension module: nobody changes, pickles or makes them unasked."""


class Immutable(type):
    """Refuses to change a class that was declared final here; classes derived from it are free."""

    def __setattr__(cls, name, value):
        cls.check(name)
        super().__setattr__(name, value)

    def __delattr__(cls, name):
        cls.check(name)
        super().__delattr__(name)

    def check(cls, name):
        if "_immutable" in cls.__dict__:
            raise TypeError(f"cannot set {name!r} attribute of immutable type '{cls.__module__}.{cls.__name__}'")


class Hidden(metaclass=Immutable):
    """A type that only the module itself makes instances of."""

    __slots__ = ()

    def __new__(cls, *_arguments, **_keywords):
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__name__}' instances")

    def __reduce_ex__(self, _protocol):
        raise TypeError(f"cannot pickle '{type(self).__module__}.{type(self).__name__}' object")

    @classmethod
    def bare(cls):
        return object.__new__(cls)
