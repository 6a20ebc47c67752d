#!/bin/sh
# Sets the secrets and variables for mailbox {{ mailbox | bare }} ({{ environment | bare }}), certificate until {{ not_after | bare }}.
# It needs gh, the command of GitHub, signed in by: gh auth login
#
# The values go through standard input: none shows in the list of processes. Set them while no job runs, which would
# get some of the old ones and some of the new.
set -eu
files=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/secrets

set --
{% if repo %}
set -- "$@" --repo {{ repo }}
{% endif %}
{% if github_environment %}
set -- "$@" --env {{ github_environment }}
{% endif %}

gh secret set {{ prefix ~ "_CLIENT_CERT" }} "$@" < "$files/client_cert.pem"
gh secret set {{ prefix ~ "_CLIENT_KEY" }} "$@" < "$files/client_key.pem"
gh secret set {{ prefix ~ "_CA_CERT" }} "$@" < "$files/ca_cert.pem"
gh secret set {{ prefix ~ "_MAILBOX_PASSWORD" }} "$@" < "$files/mailbox_password"
gh secret set {{ prefix ~ "_SHARED_KEY" }} "$@" < "$files/shared_key"
# No secrets, and shown in logs.
gh variable set {{ prefix ~ "_URL" }} "$@" --body {{ url }}
gh variable set {{ prefix ~ "_MAILBOX_ID" }} "$@" --body {{ mailbox }}
