using System.Globalization;
using Muniment.Journal;
using Muniment.Journal.Storage;

namespace Muniment.Host;

/// <summary>Section <c>Storage</c> and <c>Keys</c> of the configuration.</summary>
internal static class StorageSettings
{
    public static JournalOptions Read(IConfiguration configuration, DataDirectory data)
    {
        string provider = configuration["Storage:Provider"] ?? "sqlite";
        string? connection = configuration["Storage:ConnectionString"];
        StorageKind kind = provider switch
        {
            "sqlite" => StorageKind.Sqlite,
            "postgres" => StorageKind.Postgres,
            _ => throw new DataDirectoryException($"Storage:Provider is {provider}; expected sqlite or postgres."),
        };
        if (kind == StorageKind.Postgres && string.IsNullOrEmpty(connection))
        {
            throw new DataDirectoryException("Storage:Provider is postgres, so Storage:ConnectionString is needed, e.g. --Storage:ConnectionString \"Host=localhost;Database=muniment\".");
        }

        var defaults = new JournalOptions { DataDirectory = data.Path };
        return defaults with
        {
            Provider = kind,
            ConnectionString = connection,
            KeysFile = configuration["Keys:File"],
            LowWaterBytes = Bytes("Storage:LowWaterBytes", defaults.LowWaterBytes),
            QueueLimitBytes = Bytes("Storage:QueueLimitBytes", defaults.QueueLimitBytes),
            ReserveBytes = Bytes("Storage:ReserveBytes", defaults.ReserveBytes),
            SealEvents = Count("Storage:SealEvents", JournalOptions.MinSealEvents, defaults.SealEvents),
            RunBlocks = Count("Storage:RunBlocks", JournalOptions.MinRunBlocks, defaults.RunBlocks),
        };

        // The defaults are the most, too.
        int Count(string key, int least, int most) => configuration[key] is not { Length: > 0 } text ? most
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new DataDirectoryException($"{key} is {text}; expected a number from {least} to {most}.");

        long Bytes(string key, long otherwise) => configuration[key] is not { Length: > 0 } text ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value
            : throw new DataDirectoryException($"{key} is {text}; expected a number of bytes.");
    }
}
