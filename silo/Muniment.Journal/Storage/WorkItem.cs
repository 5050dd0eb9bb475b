using System.Data.Common;

namespace Muniment.Journal.Storage;

/// <summary>One queued write and the task that waits for it.</summary>
internal abstract class WorkItem(long sizeBytes)
{
    public long SizeBytes { get; } = sizeBytes;

    /// <summary>Runs the statements. Exceptions are the item's own failure.</summary>
    public abstract void Run(DbConnection connection);

    /// <summary>The transaction is durable.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class WorkItem<T>(Func<DbConnection, T> work, long sizeBytes) : WorkItem(sizeBytes)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override void Run(DbConnection connection) => _result = work(connection);

    public override void Complete() => _done.TrySetResult(_result!);

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}
