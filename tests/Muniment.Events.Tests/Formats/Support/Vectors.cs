using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Muniment.Events.Tests.Formats.Support;

/// <summary>Public schemas in the folder that the environment variable <c>MUNIMENT_VECTORS</c> names. Tests without it skip and say so.</summary>
internal static class Vectors
{
    public static string Need(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("MUNIMENT_VECTORS");
        string path = Path.Combine(folder ?? "", name);
        Skip.If(folder is null || !File.Exists(path), $"MUNIMENT_VECTORS names no folder that holds {name}");
        return path;
    }

    /// <summary>The text files of a tar.gz, by path without the first folder.</summary>
    public static Dictionary<string, string> Untar(string path)
    {
        Dictionary<string, string> files = [];
        using GZipStream zip = new(File.OpenRead(path), CompressionMode.Decompress);
        using TarReader tar = new(zip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && entry.DataStream is { } data)
            {
                using StreamReader reader = new(data, Encoding.UTF8);
                files[entry.Name.TrimStart('.', '/')[(entry.Name.TrimStart('.', '/').IndexOf('/') + 1)..]] = reader.ReadToEnd();
            }
        }

        return files;
    }

    public static string Gunzip(string path)
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
