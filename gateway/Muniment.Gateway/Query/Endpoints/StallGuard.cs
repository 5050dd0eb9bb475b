using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>Writes a long answer and cuts the connection when the client takes nothing for <see cref="QueryLimits.WriteStallMs"/>. One writer.</summary>
internal sealed class StallGuard(HttpContext context, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);

    /// <summary>Fires when the client has left or stalled.</summary>
    public CancellationToken Token => cut.Token;

    /// <summary>Sends what the buffer holds and empties it.</summary>
    public async Task WriteAsync(ArrayBufferWriter<byte> buffer)
    {
        using (time.CreateTimer(static state => ((HttpContext)state!).Abort(), context, TimeSpan.FromMilliseconds(QueryLimits.WriteStallMs), Timeout.InfiniteTimeSpan))
        {
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, cut.Token);
            await context.Response.Body.FlushAsync(cut.Token);
        }

        buffer.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose() => cut.Dispose();
}
