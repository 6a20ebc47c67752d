{% set end = suffix or not_after %}
#!/bin/sh
# Creates the Docker secrets of mailbox {{ mailbox | bare }} ({{ environment | bare }}), certificate until {{ not_after | bare }}.
# Run it on a manager of the swarm: sh create.sh
#
# A Docker secret is never changed. If one of these names is taken, nothing is created; with --missing, what is there
# is kept and the others are created.
set -eu
cd -- "$(dirname -- "$0")/secrets"

names() {
    cat << 'END'
mesh_client_cert {{ prefix ~ "_client_cert_" ~ end }}
mesh_client_key {{ prefix ~ "_client_key_" ~ end }}
mesh_ca {{ prefix ~ "_ca_" ~ end }}
mesh_mailbox_password {{ prefix ~ "_password_" ~ end }}
mesh_shared_key {{ prefix ~ "_shared_key_" ~ end }}
END
}

# Where this is no manager of a swarm, docker says so, and it ends here.
there=$(docker secret ls --format '{{ "{{.Name}}" | bare }}')
is_there() {
    printf '%s\n' "$there" | grep -qxF -e "$1"
}

if [ "${1-}" != --missing ]; then
    taken=$(names | while read -r _ name; do if is_there "$name"; then echo "  $name"; fi; done)
    if [ -n "$taken" ]; then
        printf 'these secrets are there already, so nothing was created:\n%s\n' "$taken" >&2
        echo 'if they are from this handover: sh create.sh --missing' >&2
        echo 'if they are not, hand over once more with another --set suffix=…' >&2
        exit 1
    fi
fi

names | while read -r file name; do
    if is_there "$name"; then
        echo "kept: $name"
    else
        # By standard input: nothing of it shows in the list of processes.
        docker secret create --label managed-by=mesh-onboard --label {{ "mesh-onboard.mailbox=" ~ mailbox }} \
            "$name" - < "$file" > /dev/null
        echo "created: $name"
    fi
done
