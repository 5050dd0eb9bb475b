using System.Text;

namespace Muniment.Events.Administration;

/// <summary>An admin event that was stored together with the change that it tells of and may not stand in the journal yet.</summary>
/// <param name="Id">Id of the act.</param>
/// <param name="Tenant">Whose journal it belongs to.</param>
/// <param name="KeyId">Id of the key that acted.</param>
/// <param name="Event">The event's JSON.</param>
public sealed record OutboxEntry(string Id, string Tenant, string KeyId, string Event)
{
    /// <summary>The entry of a change.</summary>
    /// <param name="act">Who did what.</param>
    /// <param name="before">JSON before, or empty.</param>
    /// <param name="after">JSON after, or empty.</param>
    public static OutboxEntry Of(AdminAct act, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after) =>
        new(act.Id, act.Tenant.Value, act.KeyId, Encoding.UTF8.GetString(AdminEvent.Write(act, before, after).Span));
}
