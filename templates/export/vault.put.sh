#!/bin/sh
# Puts mailbox {{ mailbox | bare }} ({{ environment | bare }}), certificate until {{ not_after | bare }}, into HashiCorp Vault, KV version 2.
# Values are read from mesh.json beside this script. VAULT_ADDR and a login (vault login, or VAULT_TOKEN) are yours.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"

command -v vault > /dev/null || {
    echo 'The command vault is not there: https://developer.hashicorp.com/vault/install' >&2
    exit 127
}

# One version holds everything: no reader ever sees the new key beside the old certificate.
{% if secret_path %}
vault kv put -mount={{ mount }} {{ secret_path }} @mesh.json
{% else %}
vault kv put -mount={{ mount }} {{ "mesh/" ~ environment ~ "/" ~ mailbox }} @mesh.json
{% endif %}
