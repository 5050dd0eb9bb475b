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
internal sealed class TenantRoutes(ITenantStore store, TenantCache cache, IAdminLog log, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/tenants", (Delegate)ListAsync).Requires(Permission.Platform).Takes(ListQuery.Parameters);
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

            string? name = body.Text("name", TenantLimits.MaxNameLength);
            string? region = body.Text("region", TenantLimits.MaxNameLength);
            JsonFields? quotas = body.Object("quota");
            QuotaMessage quota = quotas is null
                ? QuotaMessage.None
                : new QuotaMessage(quotas.Count("events_per_s", 0), quotas.Count("bytes_per_day", 0), quotas.Count("disk_bytes", 0));
            if (body.Finish(quotas) is { } wrong)
            {
                return wrong;
            }

            var message = new TenantMessage(tenant.Value, name, region, quota, time.GetUtcNow().ToUnixTimeMilliseconds());
            (string text, KeyMessage key) = KeyIssuer.Create(tenant, Role.Admin, "first admin", time);
            TenantChange change = await store.CreateTenantAsync(message, key);
            if (Changes.Refuse(change) is { } refused)
            {
                return refused;
            }

            await cache.RenewAsync(tenant);
            Caller caller = context.Caller();
            await log.RecordAsync(caller, "tenant.create", tenant.Value, change.Before, change.After, context.RequestAborted);
            await log.RecordAsync(caller with { Tenant = tenant }, "tenant.create", tenant.Value, change.Before, change.After, context.RequestAborted);
            return JsonAnswer.Created(json =>
            {
                Write(json, message);
                json.WriteString("admin_key"u8, text);
            });
        }
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
