using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Muniment.Journal.Tests;

/// <summary>
/// A real PostgreSQL for the tests of this process: Debian's binaries, a private port and a temporary directory, stopped when that process ends. Absent binaries
/// skip the tests with a reason.
/// </summary>
internal sealed class PostgresServer
{
    public const string AbsentReason = "no PostgreSQL server binaries under /usr/lib/postgresql: run 'apt-get install postgresql' to include these tests";

    private static readonly Lazy<PostgresServer?> s_instance = new(StartNew);

    private readonly string _directory;
    private readonly string _binaries;
    private readonly int _port;
    private int _databases;

    private PostgresServer(string binaries, string directory, int port)
    {
        _binaries = binaries;
        _directory = directory;
        _port = port;
    }

    /// <summary>The running server, or null when there are no binaries.</summary>
    public static PostgresServer? Instance => s_instance.Value;

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public string CreateDatabase()
    {
        string name = "t" + Interlocked.Increment(ref _databases);
        using NpgsqlConnection connection = new(ConnectionString("postgres"));
        connection.Open();
        using NpgsqlCommand command = new($"CREATE DATABASE {name}", connection);
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    /// <summary>Ends the server without a shutdown; it must recover at the next start.</summary>
    public void Crash() => PgCtl("stop", "-m", "immediate");

    /// <summary>Starts it.</summary>
    public void Start() => PgCtl("start", "-l", Path.Combine(_directory, "log"));

    /// <summary>Starts a server of its own, for tests that crash it.</summary>
    public static PostgresServer? StartNew()
    {
        string? binaries = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order().LastOrDefault()
            : null;
        if (binaries is null)
        {
            return null;
        }

        string directory = Path.Combine(Path.GetTempPath(), "muniment-pg-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(directory);
        if (Environment.UserName == "root")
        {
            Run("chown", "postgres", directory);
        }

        PostgresServer server = new(binaries, directory, FreePort());
        server.RunAsServer("initdb", "-D", server.Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale");
        File.AppendAllText(
            Path.Combine(server.Data, "postgresql.conf"),
            $"\nport={server._port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='{directory}'\nmax_connections=200\nshared_buffers=32MB\nmax_wal_size=256MB\n");
        server.StopWithThisProcess();
        server.Start();
        return server;
    }

    private string Data => Path.Combine(_directory, "data");

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Maximum Pool Size=12;Timeout=120;Command Timeout=120;No Reset On Close=true";

    /// <summary>The test host may be killed without a word, so a process of its own waits for its end and cleans up.</summary>
    private void StopWithThisProcess()
    {
        string prefix = Environment.UserName == "root" ? "runuser -u postgres -- " : "";
        string script = $"while kill -0 {Environment.ProcessId}; do sleep 1; done; {prefix}{_binaries}/pg_ctl stop -D {Data} -m immediate; rm -rf {_directory}";
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec >/dev/null 2>&1; {script}"]) { WorkingDirectory = "/" })!.Dispose();
    }

    private void PgCtl(string verb, params string[] more) => RunAsServer("pg_ctl", [verb, "-D", Data, "-w", .. more]);

    private void RunAsServer(string program, params string[] arguments)
    {
        string path = Path.Combine(_binaries, program);
        if (Environment.UserName == "root")
        {
            Run("runuser", ["-u", "postgres", "--", path, .. arguments]); // the server refuses to run as root
        }
        else
        {
            Run(path, arguments);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        // Output is not redirected: the server would inherit the pipe and keep it open.
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments]) { WorkingDirectory = "/" };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }

    /// <summary>Below the ports that the system gives to whoever asks for any: between this look and the server's start nobody is given it by chance.</summary>
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, Random.Shared.Next(10_240, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // taken
            }
        }
    }
}
