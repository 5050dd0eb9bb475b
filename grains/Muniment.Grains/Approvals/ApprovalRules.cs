using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Approvals;

/// <summary>How approvals come and go. Pure.</summary>
public static class ApprovalRules
{
    /// <summary>Most approvals of a tenant; beyond it the oldest that nobody has looked at goes.</summary>
    public const int MaxApprovals = 1000;

    /// <summary>How long a word counts.</summary>
    public static readonly TimeSpan WordCounts = TimeSpan.FromHours(1);

    /// <summary>How long something waits for a word.</summary>
    public static readonly TimeSpan Waits = TimeSpan.FromHours(24);

    private const string Required = "required";
    private const string Approved = "approved";
    private const string Rejected = "rejected";

    /// <summary>Asks. An approved one is taken out: it passes once.</summary>
    public static (ApprovalDocument Document, ApprovalMessage Answer) Ask(ApprovalDocument document, ApprovalAsk ask, string newId, long nowMs)
    {
        document = Prune(document, nowMs);
        foreach (ApprovalMessage known in document.Approvals.Values)
        {
            if (known.Ask.Digest == ask.Digest && known.Ask.KeyId == ask.KeyId)
            {
                return known.State == Approved ? (document with { Approvals = document.Approvals.Remove(known.Id) }, known) : (document, known);
            }
        }

        if (document.Approvals.Count >= MaxApprovals)
        {
            ApprovalMessage oldest = document.Approvals.Values.FirstOrDefault(approval => approval.State == Required) ?? document.Approvals.Values.First();
            document = document with { Approvals = document.Approvals.Remove(oldest.Id) };
        }

        var made = new ApprovalMessage(newId, Required, ask, nowMs, null, 0);
        return (document with { Approvals = document.Approvals.Add(newId, made) }, made);
    }

    /// <summary>A person's word.</summary>
    public static (ApprovalDocument Document, TenantChange Change) Decide(ApprovalDocument document, string id, bool approve, ActMessage act, long nowMs)
    {
        document = Prune(document, nowMs);
        if (!document.Approvals.TryGetValue(id, out ApprovalMessage? before))
        {
            return (document, Refused(TenantChangeStatus.NotFound, "such approval"));
        }

        if (before.Ask.KeyId == act.KeyId)
        {
            return (document, Refused(TenantChangeStatus.Locked, "the key that asked"));
        }

        if (before.State != Required)
        {
            return (document, Refused(TenantChangeStatus.Conflict, $"{id} is {before.State}"));
        }

        ApprovalMessage after = before with { State = approve ? Approved : Rejected, By = act.User ?? act.KeyId, AtMs = nowMs };
        return (document with { Approvals = document.Approvals.SetItem(id, after) }, new TenantChange(TenantChangeStatus.Done, 0, View(before), View(after), null));
    }

    /// <summary>How an approval looks from outside and in audit events.</summary>
    public static byte[] View(ApprovalMessage approval)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            ApprovalView.WriteMembers(json, approval);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static ApprovalDocument Prune(ApprovalDocument document, long nowMs)
    {
        ImmutableArray<string> over =
        [
            .. document.Approvals.Values.Where(a => nowMs - (a.State == Required ? a.AskedMs : a.AtMs) > (a.State == Required ? Waits : WordCounts).TotalMilliseconds).Select(a => a.Id),
        ];
        return over.IsEmpty ? document : document with { Approvals = document.Approvals.RemoveRange(over) };
    }

    private static TenantChange Refused(TenantChangeStatus status, string detail) => new(status, 0, default, default, detail);
}
