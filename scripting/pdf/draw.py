# Draws the page on standard input as a PDF on standard output. What the page
# refers to is not loaded, except what stands in the page itself as data.
import resource
import sys

resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

import weasyprint


def fetch(url, *args, **kwargs):
    if url.startswith("data:"):
        return weasyprint.default_url_fetcher(url, *args, **kwargs)
    raise ValueError("not loaded")


page = sys.stdin.buffer.read().decode("utf-8", "replace")
sys.stdout.buffer.write(weasyprint.HTML(string=page, url_fetcher=fetch).write_pdf())
