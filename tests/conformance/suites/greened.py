"""A plugin of pytest: everything is patched by gevent before any test is imported."""

from gevent import monkey

monkey.patch_all()
