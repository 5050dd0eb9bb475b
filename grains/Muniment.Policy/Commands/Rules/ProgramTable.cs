using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Programs whose level hangs on their name, or on their name and first operand.</summary>
internal static class ProgramTable
{
    private static readonly FrozenSet<string> Low = Words("""
        ls dir cat bat head tail less more most grep egrep fgrep rg ag ack tree exa eza lsd wc sort uniq cut tr diff colordiff cmp comm file stat du df pwd echo printf date cal whoami id uname hostname arch which whereis type
        printenv ps top htop jobs pgrep pstree lsof netstat ss ip ifconfig free uptime w who last vmstat iostat nproc lscpu lsblk lspci lsusb sleep seq true false : test [ [[ basename dirname realpath readlink md5sum sha1sum sha256sum
        sha512sum shasum cksum b2sum jq yq xmllint xxd od hexdump strings nm objdump readelf ldd column nl tac rev fold fmt paste join expr bc dc man info help apropos cd pushd popd dirs read wait shift return exit break continue set shopt
        alias hash times umask ulimit let getopts tput clear reset stty locale getconf env fd fdfind fzf ping dig nslookup host traceroute tldr cloc tokei scc wslpath cygpath for case select in select-string get-content get-childitem
        write-host write-output base64 base32 iconv zcat zless zgrep bzcat xzcat gzcat factor shuf tsort ptx look split-path test-path compgen complete mapfile readarray getent logname groups tty sw_vers dmesg journalctl cksum
        pytest py.test jest vitest mocha ava ctest rspec phpunit tox nox unittest minitest cypress playwright bats gotestsum eslint flake8 pylint mypy pyright shellcheck hadolint stylelint tflint yamllint markdownlint golangci-lint rubocop
        checkstyle clang-tidy cppcheck bandit semgrep actionlint vale pip-audit coverage trivy hyperfine license-checker
        """);

    private static readonly FrozenSet<string> Medium = Words("""
        mkdir touch ln split csplit unzip zip tar gzip gunzip bzip2 bunzip2 xz unxz zstd 7z make gmake cmake ninja meson configure gcc g++ cc c++ clang clang++ ld ar rustc javac java kotlinc scalac ghc ocamlc tsc swc esbuild webpack vite rollup
        parcel babel prettier black isort ruff gofmt goimports rustfmt clang-format autopep8 yapf patch kill open xdg-open code vim vi nano emacs ed protoc buf sqlc swift xcodebuild msbuild gradle gradlew mvn mvnw ant sbt bazel buck nx turbo
        lerna rake just task next nuxt astro ng ffmpeg convert magick pandoc sphinx-build mkdocs hugo jekyll alembic prisma sqlite3 pre-commit husky virtualenv tmux screen mktemp install rename truncate sips tee new-item copy-item move-item
        set-content add-content out-file invoke-build
        """);

    /// <summary>Program, then verbs; <c>*</c> for any other verb.</summary>
    private static readonly FrozenDictionary<string, RiskLevel> Verbs = Table("""
        low cargo test check clippy tree metadata doc fmt --version search
        low go test vet list version env doc
        low dotnet test list --info --version --list-sdks
        low mvn test verify dependency:tree
        low gradle test check tasks dependencies
        low gradlew test check tasks dependencies
        low make test check lint help
        low ruff check
        low just test lint check
        low task test lint check
        low deno test lint check fmt info
        low bun test
        low swift test
        low bazel test query
        low terraform validate fmt plan show output version providers graph
        low tofu validate fmt plan show output version
        low helm list ls status get history template lint show search version env
        low kubectl get describe logs top explain version cluster-info config api-resources api-versions auth diff events
        low oc get describe logs status whoami
        low docker ps images image logs inspect version info stats top port search history diff events
        low podman ps images logs inspect version info stats top port
        low crontab -l
        low brew list info search outdated deps leaves doctor config
        low apt list search show policy
        low apt-cache *
        low dpkg -l -L -s --list
        low rpm -q -qa -qi
        low flatpak list info
        low pre-commit --version
        low redis-cli get keys info ping scan ttl
        low openssl version x509 s_client verify
        medium cargo build run bench clean
        medium go build run mod generate fmt work tool
        medium dotnet build run restore publish clean format watch new sln ef
        medium deno run compile task
        medium bun run build
        medium docker build buildx compose-build start stop restart pull create network volume tag login
        medium podman build pull tag
        medium terraform init workspace
        medium helm dependency repo package
        medium openssl *
        """);

    /// <summary>By name and first operand; null when the table does not know it.</summary>
    public static RiskFinding? Verb(Invocation i)
    {
        string verb = i.Verb.Length > 0 ? i.Verb : i.Arguments.FirstOrDefault() ?? "";
        if (!Verbs.TryGetValue(i.Name + " " + verb, out RiskLevel level) && !Verbs.TryGetValue(i.Name + " *", out level))
        {
            return null;
        }

        return i.Is(level, level == RiskLevel.Low ? "reads-only" : "builds");
    }

    /// <summary>By name alone; null when the table does not know it.</summary>
    public static RiskFinding? Plain(Invocation i)
    {
        if (Low.Contains(i.Name))
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        bool asks = i.Arguments is ["--version" or "-V" or "--help" or "-h" or "version" or "help"];
        return asks ? i.Is(RiskLevel.Low, "reads-only") : Medium.Contains(i.Name) ? i.Is(RiskLevel.Medium, "builds") : null;
    }

    private static FrozenSet<string> Words(string words) => words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static FrozenDictionary<string, RiskLevel> Table(string lines) => lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .SelectMany(words => words.Skip(2).Select(verb => KeyValuePair.Create(words[1] + " " + verb, words[0] == "low" ? RiskLevel.Low : RiskLevel.Medium)))
        .ToFrozenDictionary(StringComparer.Ordinal);
}
