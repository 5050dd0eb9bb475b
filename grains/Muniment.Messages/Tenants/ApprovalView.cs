using System.Text.Json;
using Muniment.Events;

namespace Muniment.Messages.Tenants;

/// <summary>How an approval looks from outside and in audit events.</summary>
public static class ApprovalView
{
    /// <summary>Writes the members of the object.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ApprovalMessage approval)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(approval);
        json.WriteString("id"u8, approval.Id);
        json.WriteString("state"u8, approval.State);
        json.WriteString("decision"u8, approval.Ask.Decision);
        json.WriteString("key"u8, approval.Ask.KeyId);
        json.WriteString("action"u8, approval.Ask.Action);
        json.WriteString("target"u8, approval.Ask.Target);
        json.WriteString("tool"u8, approval.Ask.Tool);
        json.WriteString("user"u8, approval.Ask.User);
        json.WriteString("project"u8, approval.Ask.Project);
        json.WriteString("risk"u8, approval.Ask.Risk);
        json.WriteStartObject("policy"u8);
        json.WriteString("id"u8, approval.Ask.Policy);
        json.WriteNumber("version"u8, approval.Ask.Version);
        json.WriteString("rule"u8, approval.Ask.Rule);
        json.WriteEndObject();
        json.WriteString("reason"u8, approval.Ask.Reason);
        json.WriteString("asked"u8, Timestamps.Format(approval.AskedMs * 1_000_000));
        json.WriteString("by"u8, approval.By);
        json.WriteString("at"u8, approval.AtMs == 0 ? null : Timestamps.Format(approval.AtMs * 1_000_000));
    }
}
