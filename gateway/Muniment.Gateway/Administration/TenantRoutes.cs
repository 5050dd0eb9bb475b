using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Administration;

/// <summary><c>/api/v1/tenants</c>: for super-admins.</summary>
internal sealed class TenantRoutes(ITenantStore store, TenantCache cache, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/tenants", (Delegate)ListAsync).Requires(Permission.Platform).Takes(ListQuery.Parameters);
        routes.MapGet("/api/v1/tenants/{id}", (Delegate)GetAsync).Requires(Permission.Platform);
        routes.MapPut("/api/v1/tenants/{id}", (Delegate)UpdateAsync).Requires(Permission.Platform);
        routes.MapPost("/api/v1/tenants", (Delegate)CreateAsync).Requires(Permission.Platform).Produces(StatusCodes.Status201Created);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        if (ListQuery.Read(context.Request, out IResult? fault) is not { } query)
        {
            return fault!;
        }

        (IReadOnlyList<TenantMessage> items, string? next) = query.Page(await cache.ListAsync(), tenant => tenant.Id);
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
            if (!TenantId.TryParse(body.Text("id", TenantId.MaxLength, required: true), out TenantId tenant))
            {
                body.Fail("id", "1 to 63 of a-z 0-9 - _, beginning with a letter or digit", 0);
            }

            (TenantMessage message, IResult? wrong) = Read(body, tenant.Value);
            if (wrong is not null)
            {
                return wrong;
            }

            (string text, KeyMessage key) = KeyIssuer.Create(tenant, Role.Admin, "first admin", time);
            TenantChange change = await store.CreateTenantAsync(message, key, Acts.Message(context.Caller(), "tenant.create", tenant.Value, time));
            if (Changes.Refuse(change) is { } refused)
            {
                return refused;
            }

            await cache.RenewAsync(tenant);
            return JsonAnswer.Created(json =>
            {
                Write(json, message);
                json.WriteString("admin_key"u8, text);
            });
        }
    }

    /// <summary>Replaces name, region and quota: what is left out of the body is none afterwards, as with every other PUT.</summary>
    private async Task<IResult> UpdateAsync(HttpContext context, string id)
    {
        if (!TenantId.TryParse(id, out TenantId tenant))
        {
            return Problem.NotFound("there is no such tenant");
        }

        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            if (body.Text("id", TenantId.MaxLength) is { } named && named != id)
            {
                body.Fail("id", $"{id}, as in the address", 0);
            }

            (TenantMessage message, IResult? wrong) = Read(body, id);
            if (wrong is not null)
            {
                return wrong;
            }

            TenantChange change = await store.UpdateTenantAsync(message, Acts.Message(context.Caller(), "tenant.update", id, time));
            if (Changes.Refuse(change) is { } refused)
            {
                return refused;
            }

            await cache.RenewAsync(tenant);
            return await GetAsync(context, id);
        }
    }

    private async Task<IResult> GetAsync(HttpContext context, string id) =>
        (await store.ListAsync(-1)).Tenants.FirstOrDefault(tenant => tenant.Id == id) is { } found
            ? JsonAnswer.Ok(json => Write(json, found))
            : Problem.NotFound("there is no such tenant");

    private (TenantMessage Tenant, IResult? Wrong) Read(JsonFields body, string id)
    {
        string? name = body.Text("name", TenantLimits.MaxNameLength);
        string? region = body.Text("region", TenantLimits.MaxNameLength);
        JsonFields? quotas = body.Object("quota");
        QuotaMessage quota = quotas is null
            ? QuotaMessage.None
            : new QuotaMessage(quotas.Count("events_per_s", 0), quotas.Count("bytes_per_day", 0), quotas.Count("disk_bytes", 0));
        return (new TenantMessage(id, name, region, quota, time.GetUtcNow().ToUnixTimeMilliseconds()), body.Finish(quotas));
    }

    private static void Write(Utf8JsonWriter json, TenantMessage tenant)
    {
        json.WriteString("id"u8, tenant.Id);
        json.WriteString("name"u8, tenant.Name);
        json.WriteString("region"u8, tenant.Region);
        json.WriteStartObject("quota"u8);
        json.WriteNumber("events_per_s"u8, tenant.Quota.EventsPerSecond);
        json.WriteNumber("bytes_per_day"u8, tenant.Quota.BytesPerDay);
        json.WriteNumber("disk_bytes"u8, tenant.Quota.DiskBytes);
        json.WriteEndObject();
        json.WriteString("created"u8, Timestamps.Format(tenant.CreatedMs * 1_000_000));
    }
}
