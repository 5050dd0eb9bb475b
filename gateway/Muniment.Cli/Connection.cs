using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Muniment.Cli;

/// <summary>Where the platform is and with which key: <c>--url</c>, <c>--key-file</c>, else MUNIMENT_URL, MUNIMENT_KEY, else what <c>scripts/run</c> left in <c>data</c>.</summary>
internal static class Connection
{
    private const string DefaultDirectory = "data";
    private static readonly Option<string?> Url = new("--url") { Description = "Base URL of the platform (MUNIMENT_URL; default: the one started here)", Recursive = true };
    private static readonly Option<string?> KeyFile = new("--key-file") { Description = "File with the key alone on one line (MUNIMENT_KEY holds the key itself)", Recursive = true };
    private static readonly Option<bool> Json = new("--json") { Description = "JSON instead of tables", Recursive = true };

    public static void AddOptions(RootCommand root)
    {
        root.Options.Add(Url);
        root.Options.Add(KeyFile);
        root.Options.Add(Json);
    }

    public static bool WantsJson(ParseResult parsed) => parsed.GetValue(Json);

    public static HttpClient Open(ParseResult parsed)
    {
        string url = parsed.GetValue(Url) ?? Named("MUNIMENT_URL") ?? RunningHere() ?? "http://127.0.0.1:8080";
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new UnusableException($"--url {url}: expected an http or https URL.");
        }

        // Streams (tail, export) have no end, so only connecting is bounded.
        var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ReadKey(parsed));
        return client;
    }

    private static string ReadKey(ParseResult parsed)
    {
        string? file = parsed.GetValue(KeyFile);
        if (file is null && Named("MUNIMENT_KEY") is { } key)
        {
            // The key itself; a path is taken too, as --key-file has it.
            return !key.StartsWith("mk_", StringComparison.Ordinal) && File.Exists(key) ? File.ReadAllText(key).Trim() : key;
        }

        file ??= Path.Combine(DefaultDirectory, "admin.key");
        if (!File.Exists(file))
        {
            throw new UnusableException($"No key: {file} does not exist. Give --key-file FILE or set MUNIMENT_KEY.");
        }

        return File.ReadAllText(file).Trim();
    }

    private static string? Named(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value ? value : null;

    private static string? RunningHere()
    {
        string file = Path.Combine(DefaultDirectory, "run.json");
        if (!File.Exists(file))
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.TryGetProperty("http", out JsonElement http) ? http.GetString() : null;
    }
}
