"""Every sample in a file of the Prometheus text format, as JSON: metric, type, labels, value."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    families = list(text_string_to_metric_families(file.read()))
json.dump(
    [
        {"name": sample.name, "type": family.type, "help": family.documentation, "labels": sample.labels, "value": sample.value}
        for family in families
        for sample in family.samples
    ],
    sys.stdout,
)
