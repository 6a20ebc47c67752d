{% set of_certificate = suffix or not_after ~ "-" ~ sha256_short %}
{% set of_cas = suffix or ca_id %}
{% set of_login = suffix or handover_id %}
#!/bin/sh
# Creates the Docker secrets of mailbox {{ mailbox | bare }} ({{ environment | bare }}), certificate until {{ not_after | bare }}.
# Run it on a manager of the swarm: sh create.sh
#
{% if suffix %}
# A Docker secret is never changed. If one of these names is taken, nothing is created; with --missing, what is there
# is kept and the others are created.
{% else %}
# A Docker secret is never changed, so each has a name that belongs to what is in it. What is there already is kept.
{% endif %}
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/secrets"

names() {
    cat << 'END'
mesh_client_cert {{ prefix ~ "_cert_" ~ of_certificate }}
mesh_client_key {{ prefix ~ "_key_" ~ of_certificate }}
mesh_ca {{ prefix ~ "_ca_" ~ of_cas }}
mesh_mailbox_password {{ prefix ~ "_password_" ~ of_login }}
mesh_shared_key {{ prefix ~ "_shared_key_" ~ of_login }}
END
}

# Where this is no manager of a swarm, docker says so, and it ends here.
there=$(docker secret ls --format '{{ "{{.Name}}" | bare }}')
is_there() {
    printf '%s\n' "$there" | grep -qxF -e "$1"
}

{% if suffix %}
if [ "${1-}" != --missing ]; then
    taken=$(names | while read -r _ name; do if is_there "$name"; then echo "  $name"; fi; done)
    if [ -n "$taken" ]; then
        printf 'these secrets are there already, so nothing was created:\n%s\n' "$taken" >&2
        echo 'if they are from this handover: sh create.sh --missing' >&2
        echo 'if they are not, hand over once more with another --set suffix=…' >&2
        exit 1
    fi
fi
{% endif %}

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
