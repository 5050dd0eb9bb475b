using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Muniment.Journal.Durability;

/// <summary>
/// Writes small files so that they survive power loss: temporary file, fsync, rename, fsync of the directory, each checked. Uses libc's fsync, because
/// .NET's own wrappers return normally when the kernel answers EIO or ENOSPC.
/// </summary>
public static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Makes or replaces a file, mode 0600. Either the old or the new content is there afterwards, whatever happens.</summary>
    /// <exception cref="IOException">The content is not durable.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content) => Write(path, content, overwrite: true);

    /// <summary>Makes a file, mode 0600; fails when it is there already.</summary>
    /// <exception cref="IOException">It exists, or the content is not durable.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content) => Write(path, content, overwrite: false);

    /// <summary>Removes a file for good; nothing happens when it is not there.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes a directory (mode 0700) and its missing parents, and makes their names durable.</summary>
    public static void CreateDirectory(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(full);
        if (parent is not null)
        {
            CreateDirectory(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(full);
            return;
        }

        Directory.CreateDirectory(full, OwnerOnlyDirectory);
        if (parent is not null)
        {
            SyncDirectory(parent);
        }
    }

    /// <summary>Flushes an open file to the disk.</summary>
    /// <exception cref="IOException">The kernel could not write; what was written before may be lost.</exception>
    public static void Sync(SafeFileHandle handle, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // FlushFileBuffers reports its errors; the trap is only in the Unix half of .NET.
#pragma warning disable RS0030
            RandomAccess.FlushToDisk(handle);
#pragma warning restore RS0030
            return;
        }

        if (SeededBugs.NoFsync)
        {
            return;
        }

        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            Check(Libc.FSync((int)handle.DangerousGetHandle()), "fsync", path);
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Makes the names in a directory durable.</summary>
    /// <exception cref="IOException">The kernel could not write.</exception>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows() || SeededBugs.NoFsync)
        {
            return;
        }

        const int readOnly = 0;
        int descriptor = Libc.Open(path, readOnly);
        Check(descriptor, "open", path);
        try
        {
            Check(Libc.FSync(descriptor), "fsync", path);
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        string full = Path.GetFullPath(path);
        string temporary = full + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (FileStream stream = new(temporary, options))
        {
            stream.Write(content);
            Sync(stream.SafeFileHandle, temporary);
        }

        Failpoints.Pass(Failpoints.KeyWrite);
        File.Move(temporary, full, overwrite);
        SyncDirectory(Path.GetDirectoryName(full)!);
    }

    private static void Check(int result, string call, string path)
    {
        if (result < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new IOException($"{call} of '{path}' failed: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})", error);
        }
    }
}
