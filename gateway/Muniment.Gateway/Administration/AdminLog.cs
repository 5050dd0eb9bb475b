using Muniment.Events.Administration;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Administration;

/// <summary>Writes admin events into the tenant's journal, with priority: they are still taken at the low-water mark.</summary>
internal sealed class AdminLog(EncoderPool encoders, IEventSink sink, ITenantKeyring keyring, TimeProvider time) : IAdminLog
{
    /// <inheritdoc/>
    public async Task<long> RecordAsync(
        Caller caller, string action, string target, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, CancellationToken cancellationToken)
    {
        AdminAct act = Acts.Of(caller, action, target, time);
        Segment segment;
        using (EncoderPool.Loan loan = await encoders.RentAsync(sizeBytes: 0, cancellationToken))
        {
            segment = AdminEvent.Encode(loan.Encoder, keyring.Current(caller.Tenant), caller.KeyId, AdminEvent.Write(act, before, after), act.TimeNs);
        }

        AppendResult result = await sink.AppendAsync(caller.Tenant, [segment], default, [], default, priority: true, cancellationToken);
        return result.Status is AppendStatus.Accepted ? result.FirstSeq : throw new AdminLogException(result.Detail ?? result.Status.ToString());
    }
}
