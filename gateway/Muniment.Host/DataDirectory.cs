using System.Text.Json;
using Muniment.Journal.Durability;

namespace Muniment.Host;

/// <summary>The directory of <c>--data</c>: the journal, the keys, the first admin key and <c>run.json</c>.</summary>
internal sealed class DataDirectory(string path)
{
    public const string AdminKeyName = "admin.key";

    public string Path { get; } = path;

    public string AdminKeyFile => System.IO.Path.Combine(Path, AdminKeyName);

    public string ExportDirectory => System.IO.Path.Combine(Path, "export");

    private string RunFile => System.IO.Path.Combine(Path, "run.json");

    public static DataDirectory Of(IConfiguration configuration) => new(System.IO.Path.GetFullPath(configuration["Data:Directory"] ?? "data"));

    /// <summary>Makes the directory. Null, or why it cannot be made.</summary>
    public string? Make()
    {
        try
        {
            DurableFile.CreateDirectory(Path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"--data {Path}: the directory cannot be made or used ({e.Message.TrimEnd('.')}); choose another one.";
        }
    }

    /// <summary>Says where the running process is. Written when it can be reached, gone when it has drained.</summary>
    public void WriteRunFile(Addresses addresses)
    {
        var run = new Dictionary<string, object>
        {
            ["http"] = addresses.Http, ["otlp_grpc"] = addresses.OtlpGrpc, ["otlp_http"] = addresses.OtlpHttp, ["pid"] = Environment.ProcessId, ["orleans"] = ClusterSettings.Runtime,
        };
        string temporary = RunFile + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(run, JsonSerializerOptions.Default));
        File.Move(temporary, RunFile, overwrite: true);
    }

    public void RemoveRunFile()
    {
        if (File.Exists(RunFile))
        {
            File.Delete(RunFile);
        }
    }

    /// <summary>Keeps the first key, durable and readable by its owner only.</summary>
    public void WriteAdminKey(string key) => DurableFile.Replace(AdminKeyFile, System.Text.Encoding.ASCII.GetBytes(key + "\n"));

}
