#!/bin/sh
# The credential plugin that kubeconfigs name: finds Node and hands over to `dkp-auth token`.
# kubectl and desktop tools may start it with a PATH that has no Node, or an old one; so the Node that
# ran the last login is remembered, and tried first.
set -u

self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self") || break
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
here=$(CDPATH='' cd -- "${self%/*}" && pwd -P) || exit 1

state=${DKP_AUTH_STATE_DIR:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/dkp-auth}
node=node
case $state in
  /*)
    if [ -f "$state/node" ] && [ -O "$state/node" ]; then
      IFS= read -r remembered <"$state/node" || remembered=
      [ -x "$remembered" ] && node=$remembered
    fi
    ;;
esac
if ! command -v "$node" >/dev/null; then
  echo "dkp-auth: Node.js is neither where the last login found it nor on this program's PATH." >&2
  echo "Install Node.js 22 or newer, or run dkp-auth login again." >&2
  exit 1
fi
exec "$node" "$here/cli.js" token "$@"
