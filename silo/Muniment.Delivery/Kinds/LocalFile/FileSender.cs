using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.LocalFile;

/// <summary>
/// Appends, syncs, answers. What is answered as delivered is on disk: fsync is called through libc, because .NET's own swallows its errors. A line cut by a crash is taken off
/// again before the next write, and after any failure the file is cut to what is known good. A full file gets the next free number behind its name.
/// </summary>
internal sealed class FileSender : IDestinationSender
{
    private readonly string _directory;
    private readonly string _path;
    private readonly long _rotateBytes;
    private readonly SemaphoreSlim _turn = new(1);
    private SafeFileHandle? _file;
    private long _length;

    public FileSender(SenderContext context)
    {
        _directory = Path.Combine(context.ExportDirectory, context.Tenant, context.Config.Id);
        _path = Path.Combine(_directory, context.Config.Endpoint);
        _rotateBytes = context.Config.Number("rotate_bytes") ?? long.MaxValue;
    }

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Write(slice.Concatenate());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Close();
            return exception is UnauthorizedAccessException
                ? DeliveryOutcome.Misconfigured("the export directory cannot be written", "check owner and mode of the data directory")
                : DeliveryOutcome.RetryLater(ReasonCode.DestinationError, "writing failed: " + HttpOutcome.Clean(exception is SyncException ? exception.Message : exception.GetType().Name), "check free space and the disk");
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(eventId);
        await using FileStream stream = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(Math.Max(0, stream.Length - (1 << 20)), SeekOrigin.Begin);
        using MemoryStream tail = new();
        await stream.CopyToAsync(tail, cancellationToken).ConfigureAwait(false);
        return new SearchAnswer(tail.GetBuffer().AsSpan(0, (int)tail.Length).IndexOf(wanted) >= 0);
    }

    public ValueTask DisposeAsync()
    {
        Close();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private DeliveryOutcome Write(ReadOnlyMemory<byte> bytes)
    {
        Open();
        if (_length > 0 && _length + bytes.Length > _rotateBytes)
        {
            Rotate();
        }

        try
        {
            RandomAccess.Write(_file!, bytes.Span, _length);
            Sync(_file!);
        }
        catch
        {
            // Whether the bytes are there is unknown; a failed fsync is never asked again on the same descriptor.
            RandomAccess.SetLength(_file!, _length);
            throw;
        }

        _length += bytes.Length;
        return DeliveryOutcome.Delivered($"{bytes.Length} bytes at {_length - bytes.Length}");
    }

    private void Open()
    {
        if (_file is not null)
        {
            return;
        }

        Directory.CreateDirectory(_directory);
        bool made = !File.Exists(_path);
        _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _length = WholeLines(_file);
        RandomAccess.SetLength(_file, _length);
        if (made)
        {
            SyncDirectories();
        }
    }

    private void Rotate()
    {
        Close();
        int number = 1;
        while (File.Exists(Numbered(number)))
        {
            number++;
        }

        File.Move(_path, Numbered(number));
        Open();

        string Numbered(int n) => $"{_path}.{n.ToString("D6", CultureInfo.InvariantCulture)}";
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private static long WholeLines(SafeFileHandle file)
    {
        long end = RandomAccess.GetLength(file);
        byte[] buffer = new byte[64 * 1024];
        while (end > 0)
        {
            long start = Math.Max(0, end - buffer.Length);
            int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)(end - start)), start);
            int newline = buffer.AsSpan(0, read).LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                return start + newline + 1;
            }

            end = start;
        }

        return 0;
    }

    private void SyncDirectories()
    {
        // A new file is only there after a power cut when the directories that name it are synced too.
        for (string? directory = _directory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            using SafeFileHandle handle = new(open(directory, 0), ownsHandle: true);
            if (handle.IsInvalid)
            {
                throw new SyncException("open of the directory: errno " + Marshal.GetLastPInvokeError());
            }

            Sync(handle);
            if (Path.GetFileName(directory) == "export")
            {
                break;
            }
        }
    }

    private static void Sync(SafeFileHandle handle)
    {
        while (fsync(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != 4) // EINTR
            {
                throw new SyncException("fsync: errno " + error);
            }
        }
    }

#pragma warning disable SYSLIB1054, CA2101 // DllImport needs no unsafe code here
    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(SafeFileHandle descriptor);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi)]
    private static extern int open(string path, int flags);
#pragma warning restore SYSLIB1054, CA2101

    private sealed class SyncException(string message) : IOException(message);
}
