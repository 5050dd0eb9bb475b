using Muniment.Gateway;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Journal;
using Muniment.Journal.Backup;
using Muniment.Journal.Durability;
using Muniment.Journal.Storage;

namespace Muniment.Host;

/// <summary><c>POST /api/v1/backup {"directory"}</c>: the running process copies its own database, because no other may open it.</summary>
internal static class BackupRoute
{
    public static void MapBackup(this IEndpointRouteBuilder routes, JournalStore store, JournalOptions options) =>
        routes.MapPost("/api/v1/backup", async (HttpContext context, IAdminLog log, CancellationToken cancellationToken) =>
        {
            BackupRequest? request = await ReadAsync(context, cancellationToken);
            if (request?.Directory is not { Length: > 0 } directory || !Path.IsPathFullyQualified(directory))
            {
                return Problem.BadField("directory", "an absolute path to a new or empty directory on this machine");
            }

            if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            {
                return Problem.BadField("directory", "a new or empty directory; a backup never overwrites");
            }

            try
            {
                await JournalBackup.BackupAsync(store, options, directory, cancellationToken);
                await KeepAdminKeyAsync(options.DataDirectory, directory, cancellationToken);
            }
            catch (DataDirectoryException e)
            {
                return Problem.Status(StatusCodes.Status409Conflict, "No backup", e.Message);
            }

            await log.RecordAsync(context.Caller(), "backup.create", directory, default, default, cancellationToken);
            return Results.Json(new { directory });
        }).Requires(Permission.Platform);

    // With the other keys: the journal holds only its hash, and who has lost the whole machine could not come in to what they restored.
    private static async Task KeepAdminKeyAsync(string dataDirectory, string directory, CancellationToken cancellationToken)
    {
        string file = Path.Combine(dataDirectory, DataDirectory.AdminKeyName);
        if (File.Exists(file))
        {
            DurableFile.Create(Path.Combine(directory, "keys", DataDirectory.AdminKeyName), await File.ReadAllBytesAsync(file, cancellationToken));
        }
    }

    private static async Task<BackupRequest?> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync<BackupRequest>(cancellationToken);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private sealed record BackupRequest(string? Directory);
}
