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
if [ -f "$state/node" ] && [ -O "$state/node" ]; then
  IFS= read -r remembered <"$state/node" || remembered=
  [ -x "$remembered" ] && node=$remembered
fi
exec "$node" "$here/cli.js" token "$@"
