#!/bin/sh
# Puts mailbox {{ mailbox | bare }} ({{ environment | bare }}), certificate until {{ not_after | bare }}, into the key vault {{ vault | bare }}.
# Values are read from the files beside this script: none is ever an argument. It can be run again at any time.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"

command -v az > /dev/null || {
    echo 'The command az is not there: https://learn.microsoft.com/cli/azure/install-azure-cli' >&2
    exit 127
}

# secret NAME FILE TYPE: az would print the value, so it prints nothing.
secret() {
    az keyvault secret set --vault-name {{ vault }} --name "$1" --file "$2" --encoding utf-8 --content-type "$3" --output none
    echo "  secret $1"
}

echo {{ "Putting mailbox " ~ mailbox ~ " (" ~ environment ~ ") into the key vault " ~ vault ~ ":" }}
secret {{ secret_prefix ~ "-password" }} secrets/password text/plain
secret {{ secret_prefix ~ "-shared-key" }} secrets/shared-key text/plain
secret {{ secret_prefix ~ "-ca" }} secrets/ca.pem application/x-pem-file
# One call takes key, certificate and chain: they are never seen apart. The policy says which form it is: az does not look.
az keyvault certificate import --vault-name {{ vault }} --name {{ certificate_name }} --file {{ file }} \
{% if password_file %}
    --password @{{ password_file }} \
{% endif %}
    --policy @policy.json --output none
echo {{ "  certificate " ~ certificate_name }}
