import warnings


def old():
    warnings.warn("pay() is deprecated, use take()", DeprecationWarning, stacklevel=2)


old()
