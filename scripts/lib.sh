# Shared by the scripts; not run by itself. Sets: root, configuration, build_flags.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
configuration=Release
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Extra msbuild properties for every dotnet command, e.g. MUNIMENT_BUILD="-p:Orleans=nuget -p:OrleansVersion=10.2.2".
read -r -a build_flags <<<"${MUNIMENT_BUILD:-}"

require_dotnet() {
  local version
  version=$(cd / && dotnet --version 2>/dev/null) || version=
  if [ -z "$version" ] || [ "${version%%.*}" -lt 10 ]; then
    echo "Muniment needs the .NET SDK 10.0 or newer (found: ${version:-none}); install it from https://dotnet.microsoft.com/download and run this again." >&2
    exit 2
  fi
}

# Which actor runtime this machine builds: what MUNIMENT_BUILD says, else what the probe wrote.
orleans_mode() {
  local flag
  for flag in "${build_flags[@]}"; do
    case "$flag" in -p:Orleans=*|/p:Orleans=*|--property:Orleans=*) echo "${flag#*=}"; return ;; esac
  done
  sed -n "s:.*<Orleans[^>]*>\([a-z]*\)</Orleans>.*:\1:p" "$root/artifacts/probe.props" | head -n 1
}

probe() { "$root/scripts/probe" "$@"; }

# build PROJECT...: quiet when it works, the errors when it does not.
build() {
  local log="$root/artifacts/build.log" project
  mkdir -p "$root/artifacts"
  for project in "$@"; do
    if ! dotnet build "$root/$project" -c "$configuration" -v q --nologo "${build_flags[@]}" >"$log.$$" 2>&1; then
      grep -E "error" "$log.$$" | sort -u | head -n 40 >&2
      mv "$log.$$" "$log"
      echo "The build failed; the whole output is in artifacts/build.log." >&2
      exit 1
    fi
    mv "$log.$$" "$log"
  done
}

# Path of a built assembly: output PROJECT ASSEMBLY
output() { echo "$root/artifacts/$(orleans_mode)/bin/$1/release/$2.dll"; }
