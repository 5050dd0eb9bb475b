using System.Globalization;
using System.Text.Json;
using Dapper;
using Muniment.Journal.Storage;
using Orleans.Storage;

namespace Muniment.Silo.State;

/// <summary>
/// Grain state that does not follow from the journal, as JSON rows in the platform's own database, on SQLite and PostgreSQL alike. The etag is a row
/// version: a write with a stale one throws <see cref="InconsistentStateException"/>, as Orleans demands of a provider.
/// </summary>
internal sealed class SqlGrainStorage(IStateDatabase database) : IGrainStorage
{
    /// <summary>Largest state in bytes; grains keep positions and settings, never events.</summary>
    public const int MaxStateBytes = 4 << 20;

    /// <summary>Tables of this class.</summary>
    public static TableOwner Tables { get; } = new("grain-state",
    [
        new Migration(1, """
            CREATE TABLE grain_state (
                grain TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL,
                payload {blob} NOT NULL,
                PRIMARY KEY (grain, name)
            ) {without_rowid}
            """),
    ]);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { IncludeFields = false };

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Row? row = await database.ReadAsync(c => c.QuerySingleOrDefault<Row>(
            "SELECT version AS Version, payload AS Payload FROM grain_state WHERE grain = @grain AND name = @name", new { grain = grainId.ToString(), name = stateName }));
        grainState.RecordExists = row is not null;
        grainState.ETag = row?.Version.ToString(CultureInfo.InvariantCulture);
        grainState.State = row is null ? Activator.CreateInstance<T>() : JsonSerializer.Deserialize<T>(row.Payload, Json)!;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(grainState.State, Json);
        if (payload.Length > MaxStateBytes)
        {
            throw new InvalidOperationException($"state {stateName} of {grainId} has {payload.Length} bytes, more than the {MaxStateBytes} that grain state may have");
        }

        long? version = Version(grainState.ETag);
        var parameters = new { grain = grainId.ToString(), name = stateName, version, payload };
        int rows = await database.WriteAsync(
            c => version is null
                ? c.Execute("INSERT INTO grain_state (grain, name, version, payload) VALUES (@grain, @name, 1, @payload) ON CONFLICT DO NOTHING", parameters)
                : c.Execute("UPDATE grain_state SET version = version + 1, payload = @payload WHERE grain = @grain AND name = @name AND version = @version", parameters),
            payload.Length);
        if (rows == 0)
        {
            throw await StaleAsync(stateName, grainId, grainState.ETag);
        }

        grainState.ETag = ((version ?? 0) + 1).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Version(grainState.ETag) is { } version)
        {
            int rows = await database.WriteAsync(c => c.Execute(
                "DELETE FROM grain_state WHERE grain = @grain AND name = @name AND version = @version", new { grain = grainId.ToString(), name = stateName, version }));
            if (rows == 0)
            {
                throw await StaleAsync(stateName, grainId, grainState.ETag);
            }
        }

        grainState.ETag = null;
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    private static long? Version(string? etag) => etag is null ? null : long.Parse(etag, CultureInfo.InvariantCulture);

    private async Task<InconsistentStateException> StaleAsync(string stateName, GrainId grainId, string? etag)
    {
        long? stored = await database.ReadAsync(c => c.QuerySingleOrDefault<long?>(
            "SELECT version FROM grain_state WHERE grain = @grain AND name = @name", new { grain = grainId.ToString(), name = stateName }));
        return new InconsistentStateException($"state {stateName} of {grainId} was written by another activation", stored?.ToString(CultureInfo.InvariantCulture), etag);
    }

    private sealed class Row
    {
        public long Version { get; set; }

        public byte[] Payload { get; set; } = [];
    }
}
