#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# tests/consumer/run.sh BUILD: installs BUILD into a fresh prefix, then builds and runs small programs against it
# through find_package, and once more against the sources through add_subdirectory.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
for way in find_package add_subdirectory; do
  cmake -G Ninja -S "$here/$way" -B "$work/$way" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
  cmake --build "$work/$way"
  for name in consumer_main consumer_with_xtensor; do
    consumer=$(find "$work/$way" -name "$name" -type f -perm -u+x)
    (cd "$work" && "$consumer")
  done
  echo "consumer: $way works"
done
