"""The feed: what the user wants to see, kept alive over connections that come and go."""

from krakencli.feed.feed import Feed
from krakencli.feed.output import Output, RawFrame

__all__ = ["Feed", "Output", "RawFrame"]
