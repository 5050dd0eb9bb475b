using Microsoft.Extensions.DependencyInjection;
using Muniment.Egress;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Npgsql;

namespace Muniment.Silo.Destinations;

/// <summary>Keeps destinations away from the platform's own interface and its database, whatever the operator allows.</summary>
public static class OwnEndpoints
{
    /// <summary>Says which ports this process listens on and where its database is. Called once they are known.</summary>
    public static void Protect(IServiceProvider services, IEnumerable<int> ports, JournalOptions journal)
    {
        var endpoints = services.GetRequiredService<PlatformEndpoints>();
        foreach (int port in ports)
        {
            endpoints.AddListener(port);
        }

        if (journal is not { Provider: StorageKind.Postgres, ConnectionString: { } text })
        {
            return;
        }

        var connection = new NpgsqlConnectionStringBuilder(text);
        foreach (string host in (connection.Host ?? "localhost").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            endpoints.AddDatabase(host, connection.Port);
        }
    }
}
