using System.Globalization;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Sqlite;

/// <summary>Holds a data directory for one process: an advisory lock (flock) on <c>journal.lock</c>, freed by the kernel when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="DataDirectoryException">Another process has it.</exception>
    public static DirectoryLock Take(string directory)
    {
        string path = Path.Combine(directory, "journal.lock");
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new DataDirectoryException($"the data directory '{directory}' is in use by process {ReadOwner(directory)}: stop it, or choose another directory with --data", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"the data directory '{directory}' cannot be written: {error.Message}", error);
        }

        // In a file of its own, because .NET asks for a lock even to read.
        File.WriteAllText(OwnerPath(directory), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new DirectoryLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string OwnerPath(string directory) => Path.Combine(directory, "journal.pid");

    private static string ReadOwner(string directory)
    {
        try
        {
            return File.ReadAllText(OwnerPath(directory)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "(unknown)";
        }
    }
}
