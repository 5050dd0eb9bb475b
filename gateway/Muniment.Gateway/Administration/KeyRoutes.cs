using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Administration;

/// <summary><c>/api/v1/keys</c>: a key's text is shown once, in the answer that makes it.</summary>
internal sealed class KeyRoutes(ITenantStore store, TenantCache cache, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/keys", (Delegate)ListAsync).Requires(Permission.ReadConfiguration).Takes(ListQuery.Parameters);
        routes.MapPost("/api/v1/keys", (Delegate)CreateAsync).Requires(Permission.WriteConfiguration).Produces(StatusCodes.Status201Created);
        routes.MapDelete("/api/v1/keys/{id}", (Delegate)RevokeAsync).Requires(Permission.WriteConfiguration).Produces(StatusCodes.Status204NoContent);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        if (ListQuery.Read(context.Request, out IResult? fault) is not { } query)
        {
            return fault!;
        }

        TenantSnapshotMessage snapshot = await store.SnapshotAsync(context.Caller().Tenant, -1);
        (IReadOnlyList<KeyMessage> items, string? next) = query.Page(snapshot.Keys.OrderBy(key => key.Id, StringComparer.Ordinal), key => key.Id);
        return JsonAnswer.List(items, next, Write);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            Caller caller = context.Caller();
            Role role = RoleNames.TryParse(body.Text("role", 32, required: true), out Role named) ? named : body.Fail("role", $"one of {RoleNames.Expected}", default(Role));
            string? name = body.Text("name", TenantLimits.MaxNameLength);
            string? project = body.Text("project", TenantLimits.MaxNameLength);
            string? user = body.Text("user", TenantLimits.MaxNameLength);
            bool actAs = body.Flag("act_as");
            DateTimeOffset? expires = body.Time("expires");
            if (expires <= time.GetUtcNow())
            {
                body.Fail("expires", "a time to come", 0);
            }

            if (role is Role.SuperAdmin && caller.Tenant != TenantId.Default)
            {
                body.Fail("role", "a role below super_admin; super_admin keys belong to the tenant default", 0);
            }

            if (body.Finish() is { } wrong)
            {
                return wrong;
            }

            if (role is Role.SuperAdmin && caller.Role is not Role.SuperAdmin)
            {
                return Problem.Status(StatusCodes.Status403Forbidden, "Not allowed", "role: only super_admin makes super_admin keys");
            }

            (string text, KeyMessage key) = KeyIssuer.Create(caller.Tenant, role, name, time, user, project, actAs, expires?.ToUnixTimeMilliseconds() ?? 0);
            TenantChange change = await store.AddKeyAsync(caller.Tenant, key, Acts.Message(caller, "key.create", key.Id, time));
            if (Changes.Refuse(change) is { } refused)
            {
                return refused;
            }

            await cache.RenewAsync(caller.Tenant);
            return JsonAnswer.Created(json =>
            {
                Write(json, key);
                json.WriteString("key"u8, text);
            });
        }
    }

    private async Task<IResult> RevokeAsync(HttpContext context, string id)
    {
        Caller caller = context.Caller();
        TenantSnapshotMessage snapshot = await store.SnapshotAsync(caller.Tenant, -1);
        KeyMessage? key = snapshot.Keys.FirstOrDefault(key => key.Id == id);
        if (key is null)
        {
            return Problem.NotFound("there is no such key");
        }

        if (key.Role == Role.SuperAdmin.Name() && caller.Role is not Role.SuperAdmin)
        {
            return Problem.Status(StatusCodes.Status403Forbidden, "Not allowed", "only super_admin revokes super_admin keys");
        }

        TenantChange change = await store.RevokeKeyAsync(caller.Tenant, id, Acts.Message(caller, "key.revoke", id, time));
        if (Changes.Refuse(change) is { } refused)
        {
            return refused;
        }

        await cache.RenewAsync(caller.Tenant);
        return Results.NoContent();
    }

    private static void Write(Utf8JsonWriter json, KeyMessage key)
    {
        json.WriteString("id"u8, key.Id);
        json.WriteString("role"u8, key.Role);
        json.WriteString("name"u8, key.Name);
        json.WriteString("project"u8, key.Project);
        json.WriteString("user"u8, key.User);
        json.WriteBoolean("act_as"u8, key.ActAs);
        json.WriteString("created"u8, Timestamps.Format(key.CreatedMs * 1_000_000));
        json.WriteString("expires"u8, key.ExpiresMs == 0 ? null : Timestamps.Format(key.ExpiresMs * 1_000_000));
    }
}
