namespace Muniment.Host;

/// <summary>
/// Turns the flags of <c>scripts/run</c> into configuration keys, and says in one sentence what is wrong with one it cannot read.
/// Pure: text in, keys or an error out.
/// </summary>
internal sealed class CommandLine
{
    private static readonly Dictionary<string, Flag> Flags = new(StringComparer.Ordinal)
    {
        ["--data"] = new("Data:Directory", "DIR", "where everything is kept (default: data)"),
        ["--http"] = new("Gateway:Http", "PORT", "API, console, HEC and OTLP/HTTP (default: 8080; 0 picks a free one)"),
        ["--otlp-grpc"] = new("Gateway:OtlpGrpc", "PORT", "OTLP over gRPC (default: 4317)"),
        ["--otlp-http"] = new("Gateway:OtlpHttp", "PORT", "OTLP over HTTP (default: 4318)"),
        ["--bind"] = new("Gateway:Bind", "ADDR", "address to listen on (default: 127.0.0.1); beyond loopback TLS is demanded"),
        ["--tls-cert"] = new("Gateway:TlsCert", "FILE", "PEM certificate chain, for all listeners, read again when it changes"),
        ["--tls-key"] = new("Gateway:TlsKey", "FILE", "PEM private key"),
        ["--egress-allow"] = new("Egress:Allow", "LIST", "[TENANT=]CIDR[:PORT],…: private addresses that destinations may reach"),
        ["--role"] = new("Role", "ROLE", "all (default), gateway or silo"),
        ["--anonymous-ingest"] = new("Gateway:AnonymousIngest", null, "loopback only: OTLP without a key goes to tenant default, marked unverified"),
        ["--insecure-http"] = new("Gateway:InsecureHttp", null, "listen beyond loopback without TLS"),
    };

    private CommandLine(Dictionary<string, string?> settings, string? error, bool help = false, bool failpoints = false) => (Settings, Error, Help, ListsFailpoints) = (settings, error, help, failpoints);

    /// <summary>Configuration keys and values.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>One sentence, or null.</summary>
    public string? Error { get; }

    /// <summary>Whether <c>--help</c> was asked.</summary>
    public bool Help { get; }

    /// <summary>Whether <c>--failpoints</c> was asked.</summary>
    public bool ListsFailpoints { get; }

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Usage { get; } =
        "Starts Muniment: gateway, grains and journal in one process.\n\n  scripts/run [flags] [--Section:Key value …]\n\n" +
        string.Concat(Flags.Select(f => $"  {f.Key + (f.Value.Value is { } v ? " " + v : ""),-24} {f.Value.Text}\n")) +
        $"  {"--failpoints",-24} list the places at which FAULT=point:n lets the process die (for tests)\n  {"--no-build",-24} start what was built before\n  {"--Section:Key VALUE",-24} any other setting, e.g. --Storage:Provider postgres\n";

    /// <summary>Reads the arguments.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument is "--help" or "-h")
            {
                return new CommandLine(settings, null, help: true);
            }

            if (argument is "--failpoints")
            {
                return new CommandLine(settings, null, failpoints: true);
            }

            int equals = argument.IndexOf('=');
            string name = equals < 0 ? argument : argument[..equals];
            string? value = equals < 0 ? null : argument[(equals + 1)..];
            bool known = Flags.TryGetValue(name, out Flag? flag);
            if (!known && !(name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':')))
            {
                return Fail($"{name} is no flag of scripts/run; scripts/run --help lists them, and other settings are given as --Section:Key value.");
            }

            if (known && flag!.Value is null)
            {
                settings[flag.Key] = value ?? "true";
                continue;
            }

            if (value is null && ++i < arguments.Count)
            {
                value = arguments[i];
            }

            if (value is null)
            {
                return Fail($"{name} needs a value: {name} {flag?.Value ?? "VALUE"}.");
            }

            if (flag?.Value == "PORT" && !(ushort.TryParse(value, out _)))
            {
                return Fail($"{name} {value}: expected a port from 0 to 65535.");
            }

            settings[flag?.Key ?? name[2..]] = value;
        }

        return new CommandLine(settings, null);

        static CommandLine Fail(string error) => new([], error);
    }

    /// <summary>The flag that sets a key, to name it in an error.</summary>
    public static string FlagOf(string key) => Flags.First(f => f.Value.Key == key).Key;

    private sealed record Flag(string Key, string? Value, string Text);
}
