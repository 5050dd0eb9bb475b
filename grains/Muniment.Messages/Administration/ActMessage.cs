using Muniment.Events;
using Muniment.Events.Administration;

namespace Muniment.Messages.Administration;

/// <summary><see cref="AdminAct"/> on the wire; the same fields. It goes with a change to the grain that owns the changed thing and records it.</summary>
[GenerateSerializer, Immutable, Alias("muniment.admin.act")]
public sealed record ActMessage(
    [property: Id(0)] string Id,
    [property: Id(1)] string Tenant,
    [property: Id(2)] string KeyId,
    [property: Id(3)] string? User,
    [property: Id(4)] string Role,
    [property: Id(5)] string Action,
    [property: Id(6)] string Target,
    [property: Id(7)] string? Request,
    [property: Id(8)] long TimeNs,
    [property: Id(9)] ReadOnlyMemory<byte> Asked)
{
    /// <summary>From an act.</summary>
    public static ActMessage From(AdminAct act) => new(act.Id, act.Tenant.Value, act.KeyId, act.User, act.Role, act.Action, act.Target, act.Request, act.TimeNs, act.Asked);

    /// <summary>The act.</summary>
    public AdminAct ToAct() => new(Id, TenantId.Parse(Tenant), KeyId, User, Role, Action, Target, Request, TimeNs, Asked);
}
