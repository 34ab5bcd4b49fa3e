#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# tests/consumer/run.sh BUILD: installs BUILD into a fresh prefix, then builds and runs small programs and a laboratory
# against it through find_package; and against the sources through add_subdirectory, where one layer is compiled again.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

configure() { # configure FOLDER [OPTION...]
  cmake -G Ninja -S "$here/$1" -B "$work/$1" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" "${@:2}"
}

cmake --install "$build" --prefix "$work/prefix" >/dev/null
for folder in find_package add_subdirectory; do
  configure "$folder" >/dev/null
  cmake --build "$work/$folder"
  find "$work/$folder" -name 'consumer_*' -type f -perm -u+x | while read -r program; do
    (cd "$work" && "$program")
  done
  echo "consumer: $folder works"
done

targets=$(find "$work/prefix" -name sigmagradLabTargets.cmake)
if [[ -z $targets ]]; then
  echo "consumer: built without the laboratory"
  exit
fi
configure lab >/dev/null
cmake --build "$work/lab"
python3 "$here/lab/check.py" "$work/lab"

rm "$targets"
if configure lab --fresh >"$work/log" 2>&1 || ! tr -s '\n ' ' ' <"$work/log" | grep -q 'without its laboratory'; then
  cat "$work/log"
  echo "consumer: expected to be told that the laboratory is not installed" >&2
  exit 1
fi
