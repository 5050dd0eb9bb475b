using System.Net;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Access;

/// <summary>Lets a request through to its endpoint when its caller may and it names no parameter that the endpoint does not take, else refuses in the endpoint's voice. Runs before any body is read.</summary>
internal sealed class AccessMiddleware(Authenticator authenticator, IAdminLog adminLog)
{
    /// <summary>Runs the check and then the endpoint.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        RequiredPermission? required = context.GetEndpoint()?.Metadata.GetMetadata<RequiredPermission>();
        if (required is null)
        {
            // No endpoint, or routing's own "wrong method" answer: every endpoint of ours names a permission (RouteAudit refuses to start otherwise).
            await next(context);
            return;
        }

        if (required.Permission is Permission.Anyone || IsNear(context))
        {
            await GoOnAsync(context, next);
            return;
        }

        (Caller? caller, Refusal? refusal) = await authenticator.AuthenticateAsync(context, required.Permission, context.Voice());
        refusal ??= authenticator.Authorize(caller!, required.Permission, context.GetEndpoint()!.Metadata.GetMetadata<ExportsMetadata>() is not null);
        if (refusal is not null)
        {
            AccessInstruments.Refused(refusal.Kind);
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        context.Features.Set(caller);
        if (context.RefuseParameters() is { } parameter)
        {
            await RefusalWriter.WriteAsync(context, parameter);
            return;
        }

        if (IsVisit(context, caller!, required.Permission))
        {
            await adminLog.RecordAsync(caller!, "tenant.visit", $"{context.Request.Method} {context.Request.Path}", default, default, context.RequestAborted);
        }

        await next(context);
    }

    private static Task GoOnAsync(HttpContext context, RequestDelegate next) =>
        context.RefuseParameters() is { } refusal ? RefusalWriter.WriteAsync(context, refusal) : next(context);

    // A super-admin in another tenant: each act there is an event of that tenant, reads too. What it sends carries its key already.
    private static bool IsVisit(HttpContext context, Caller caller, Permission permission) =>
        caller.Role is Role.SuperAdmin
        && permission is not (Permission.Ingest or Permission.Decide or Permission.Platform)
        && context.Request.Headers.TryGetValue(Credential.TenantHeader, out var picked)
        && picked == caller.Tenant.Value
        && caller.Tenant != Events.TenantId.Default;

    private static bool IsNear(HttpContext context) =>
        context.GetEndpoint()!.Metadata.GetMetadata<OpenOnLoopbackMetadata>() is not null
        && context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address);
}
