#!/bin/sh
# Puts mailbox {{ mailbox | bare }} ({{ environment | bare }}), certificate until {{ not_after | bare }}, where terraform-aws-mesh-client reads it.
# Values are read from the files beside this script: none is ever an argument. It can be run again at any time.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
base={{ "/" ~ prefix ~ "-mesh/mesh" }}

command -v aws > /dev/null || {
    echo 'The command aws is not there: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html' >&2
    exit 127
}

in_account() {
    aws --region {{ region }}{% if profile %} --profile {{ profile }}{% endif %} "$@"
}

# Whatever ends this script early, say how things stand.
pair='are as they were'
stopped() {
    status=$?
    if [ "$status" -ne 0 ]; then
        echo "Not finished: key and certificate in AWS $pair. Run this script again once that is put right." >&2
    fi
}
trap stopped EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

refused() {
    printf '%s: %s\n' "$1" "$2" >&2
    exit 1
}

# put NAME [TIER [TYPE]]: one parameter. AWS makes no advanced parameter standard again and changes no type: one that is
# advanced already stays so, and one that holds no secret may stay a plain String.
put() {
    file=parameters/${1##*/}.json
    if said=$(in_account ssm put-parameter --cli-input-json "file://$file" ${2:+--tier "$2"} ${3:+--type "$3"} \
        --query Version --output text 2>&1); then
        echo "  $base/$1, version $said"
        return
    fi
    case $said in
    *downgrade*)
        [ -z "${2-}" ] || refused "$base/$1" "$said"
        put "$1" Advanced "${3-}"
        ;;
    *HierarchyTypeMismatch*)
        [ -z "${3-}" ] || refused "$base/$1" "$said"
        case $1 in
        *KEY | *PASSWORD)
            refused "$base/$1" "it is there as a String, which is not encrypted, and AWS changes no types.
Remove it: aws --region {{ region | bare }} ssm delete-parameter --name $base/$1"
            ;;
        *) put "$1" "${2-}" String ;;
        esac
        ;;
    *) refused "$base/$1" "$said" ;;
    esac
}

{% if secrets_manager %}
# secret NAME: one secret, which is made where it is missing.
secret() {
    file=secrets/${1##*/}.json
    if ! said=$(put_secret 2>&1); then
        case $said in
        *ResourceNotFoundException*) ;;
        *) refused "$base/$1" "$said" ;;
        esac
        said=$(in_account secretsmanager create-secret --name "$base/$1" \
            --description {{ "MESH mailbox " ~ mailbox }}{% if kms_key %} --kms-key-id {{ kms_key }}{% endif %} \
            --query ARN --output text 2>&1) || refused "$base/$1" "$said"
        said=$(put_secret 2>&1) || refused "$base/$1" "$said"
    fi
    echo "  $base/$1, version $said (Secrets Manager)"
}

put_secret() {
    in_account secretsmanager put-secret-value --cli-input-json "file://$file" --query VersionId --output text
}

{% endif %}
echo {{ "Putting mailbox " ~ mailbox ~ " (" ~ environment ~ ") in " ~ region ~ ":" }}
put MESH_URL
put MESH_VERIFY_SSL
put MESH_CA_CERT
{{ take | bare }} MESH_SHARED_KEY
{{ take | bare }} {{ "mailboxes/" ~ mailbox ~ "/MAILBOX_PASSWORD" }}
# Two calls, and no way to make them one: the key and, with nothing between, its certificate.
pair='may not belong together, and then a function that starts now cannot connect'
{{ take | bare }} MESH_CLIENT_KEY
put MESH_CLIENT_CERT
pair='are the new ones, but functions that run already may hold the old ones'

{% if functions %}
echo 'A change of their description makes running functions start anew:'
names={{ functions }}
IFS=,
for name in $names; do
    said=$(in_account lambda update-function-configuration --function-name "$name" \
        --description "MESH certificate until {{ not_after | bare }}, put at $(date -u +%FT%TZ)" --query LastUpdateStatus --output text 2>&1) ||
        refused "$name" "$said"
    echo "  $name, $said"
done
{% else %}
cat <<'END'
Functions that run already keep the old key and certificate until they start anew. For each of them:
  aws --region {{ region | bare }}{% if profile %} --profile {{ profile }}{% endif %} lambda update-function-configuration --function-name NAME \
      --description "MESH certificate until {{ not_after | bare }}, put at $(date -u +%FT%TZ)"
Never with --environment, which replaces every variable of the function. Their names:
  aws --region {{ region | bare }}{% if profile %} --profile {{ profile }}{% endif %} lambda list-functions --output text \
      --query "Functions[?starts_with(FunctionName, '{{ prefix | bare }}-mesh-')].FunctionName"
END
{% endif %}
