using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Access;

/// <summary>Decides who calls and whether it may. Fails closed: when the tenants cannot be asked for longer than the cache allows, nobody gets in.</summary>
internal sealed partial class Authenticator(TenantCache tenants, TimeProvider time, IOptions<GatewayOptions> options, ILogger<Authenticator> logger)
{
    /// <summary>Id that stands for "no key" in events and logs.</summary>
    public const string AnonymousKeyId = "anonymous";

    private static readonly Caller Anonymous = new(TenantId.Default, AnonymousKeyId, Role.Ingest, null, null, false);
    private static readonly Refusal WrongKey = new(RefusalKind.Unauthenticated, "the key is wrong, revoked or expired", "key");

    /// <summary>The caller, or why there is none.</summary>
    public async ValueTask<(Caller? Caller, Refusal? Refusal)> AuthenticateAsync(HttpContext context, Permission permission, Voice voice)
    {
        if (!Credential.TryRead(context.Request, voice, out string? text, out Refusal? refusal))
        {
            return MayBeAnonymous(context, permission, voice, refusal) ? (Anonymous, null) : (null, refusal);
        }

        if (!ApiKey.TryParse(text, out TenantId tenant, out string? id))
        {
            return (null, WrongKey);
        }

        try
        {
            KnownKey? key = await tenants.FindKeyAsync(tenant, id);
            if (key is null || !key.Matches(text) || key.ExpiredAt(time.GetUtcNow().ToUnixTimeMilliseconds()))
            {
                return (null, WrongKey);
            }

            return await PickTenantAsync(context, key.Caller);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnavailable(logger, e, tenant.Value);
            return (null, new Refusal(RefusalKind.Unavailable, "keys cannot be checked at the moment"));
        }
    }

    /// <summary>Whether the caller's role has the permission.</summary>
    public Refusal? Authorize(Caller caller, Permission permission, bool exports)
    {
        if (exports && options.Value.ExportsAdminOnly && caller.Role is not Role.SuperAdmin)
        {
            return new Refusal(RefusalKind.Forbidden, "destinations and retention need the role super_admin here (Access:ExportsAdminOnly)");
        }

        // Whoever could make keys or destinations would read past its binding through them.
        if ((caller.User ?? caller.Project) is not null && permission is (Permission.WriteConfiguration or Permission.Platform) && RoleTable.Allows(caller.Role, permission))
        {
            return new Refusal(RefusalKind.Forbidden, "a key that is bound to a user or project may not change what holds for all; use an unbound one");
        }

        return RoleTable.Allows(caller.Role, permission)
            ? null
            : new Refusal(RefusalKind.Forbidden, $"the role {caller.Role.Name()} may not do this; expected one of {RoleTable.Expected(permission)}");
    }

    private async ValueTask<(Caller? Caller, Refusal? Refusal)> PickTenantAsync(HttpContext context, Caller caller)
    {
        string? picked = context.Request.Headers[Credential.TenantHeader];
        if (string.IsNullOrEmpty(picked) || picked == caller.Tenant.Value)
        {
            return (caller, null);
        }

        if (caller.Role is not Role.SuperAdmin)
        {
            return (null, new Refusal(RefusalKind.Forbidden, $"{Credential.TenantHeader}: only the role super_admin picks a tenant", Credential.TenantHeader));
        }

        if (!TenantId.TryParse(picked, out TenantId tenant) || await tenants.FindAsync(tenant) is null)
        {
            return (null, new Refusal(RefusalKind.NotFound, $"{Credential.TenantHeader}: there is no such tenant", Credential.TenantHeader));
        }

        return (caller with { Tenant = tenant }, null);
    }

    private bool MayBeAnonymous(HttpContext context, Permission permission, Voice voice, Refusal refusal) =>
        options.Value.AnonymousIngest
        && refusal.Field is "missing"
        && permission is Permission.Ingest
        && voice is Voice.Otlp or Voice.Grpc
        && context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address);

    [LoggerMessage(1101, LogLevel.Warning, "Keys of tenant {Tenant} cannot be checked; callers are refused")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string tenant);
}
