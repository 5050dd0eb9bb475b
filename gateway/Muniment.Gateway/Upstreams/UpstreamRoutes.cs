using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Policies;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Upstreams;

/// <summary><c>/api/v1/upstreams</c>: where calls of models and tools go, and with which credential.</summary>
internal sealed class UpstreamRoutes(IDecidingStore store, DecidingCache cache, UpstreamAddress address, ITenantKeyring keyring, TimeProvider time)
{
    private const string NameExpected = "1 to 63 of A-Z a-z 0-9 . - _ beginning with a letter or digit";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/upstreams", (Delegate)ListAsync).Requires(Permission.ReadConfiguration).Takes(ListQuery.Parameters);
        routes.MapGet("/api/v1/upstreams/{name}", (Delegate)GetAsync).Requires(Permission.ReadConfiguration);
        routes.MapPut("/api/v1/upstreams/{name}", (Delegate)PutAsync).Requires(Permission.WriteConfiguration);
        routes.MapDelete("/api/v1/upstreams/{name}", (Delegate)DeleteAsync).Requires(Permission.WriteConfiguration).Produces(StatusCodes.Status204NoContent);
    }

    /// <summary>Whether a text can name an upstream or a policy.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private async Task<IResult> ListAsync(HttpContext context)
    {
        if (ListQuery.Read(context.Request, out IResult? fault) is not { } query)
        {
            return fault!;
        }

        DecidingMessage snapshot = await store.DecidingAsync(context.Caller().Tenant, -1);
        (IReadOnlyList<UpstreamMessage> items, string? next) = query.Page(snapshot.Upstreams.OrderBy(upstream => upstream.Name, StringComparer.Ordinal), upstream => upstream.Name);
        return JsonAnswer.List(items, next, Write);
    }

    private async Task<IResult> GetAsync(HttpContext context, string name)
    {
        DecidingMessage snapshot = await store.DecidingAsync(context.Caller().Tenant, -1);
        return snapshot.Upstreams.FirstOrDefault(upstream => upstream.Name == name) is { } found ? JsonAnswer.Ok(json => Write(json, found)) : Problem.NotFound("there is no such upstream");
    }

    private async Task<IResult> PutAsync(HttpContext context, string name)
    {
        if (!IsName(name))
        {
            return Problem.BadField("name", NameExpected);
        }

        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            Caller caller = context.Caller();
            if (body.Text("name", 63) is { } named && named != name)
            {
                body.Fail("name", $"{name}, as in the address", 0);
            }

            UpstreamKind kind = UpstreamKinds.TryParse(body.Text("kind", 32, required: true), out UpstreamKind known) ? known : body.Fail("kind", $"one of {UpstreamKinds.Expected}", default(UpstreamKind));
            string? url = body.Text("base_url", TenantLimits.MaxUrlLength, required: true);
            JsonElement credential = body.Any("credential");
            bool keeps = credential.ValueKind is not JsonValueKind.Undefined && IsMasked(credential);
            if (!keeps && credential.ValueKind is not JsonValueKind.Undefined
                && (Encoding.UTF8.GetByteCount(credential.GetRawText()) > TenantLimits.MaxCredentialSizeBytes || UpstreamCredential.Read(credential) is null))
            {
                body.Fail("credential", UpstreamCredential.Expected, 0);
            }

            string? checkedUrl = null;
            if (url is not null)
            {
                (checkedUrl, string? expected) = await address.CheckAsync(caller.Tenant.Value, url, context.RequestAborted);
                if (expected is not null)
                {
                    body.Fail("base_url", expected, 0);
                }
            }

            if (body.Finish() is { } wrong)
            {
                return wrong;
            }

            UpstreamMessage upstream = UpstreamSecrets.Seal(keyring.Current(caller.Tenant), name, kind, checkedUrl!, keeps ? default : credential);
            TenantChange change = await store.PutUpstreamAsync(caller.Tenant, upstream, keeps, Acts.Message(caller, "upstream.update", name, time));
            if (change.Status is TenantChangeStatus.NotFound && keeps)
            {
                return Problem.BadField("credential", "the credential itself; there is none yet that *** could keep");
            }

            if (Changes.Refuse(change) is { } refused)
            {
                return refused;
            }

            DecidingView view = await cache.RenewAsync(caller.Tenant);
            return view.FindMessage(name) is { } stored ? JsonAnswer.Ok(json => Write(json, stored)) : Problem.NotFound("the upstream was removed meanwhile");
        }
    }

    private async Task<IResult> DeleteAsync(HttpContext context, string name)
    {
        Caller caller = context.Caller();
        TenantChange change = await store.RemoveUpstreamAsync(caller.Tenant, name, Acts.Message(caller, "upstream.delete", name, time));
        if (Changes.Refuse(change) is { } refused)
        {
            return refused;
        }

        await cache.RenewAsync(caller.Tenant);
        return Results.NoContent();
    }

    // As it comes back from GET: *** for the whole, or an object in which every value is ***.
    private static bool IsMasked(JsonElement credential) => credential.ValueKind switch
    {
        JsonValueKind.String => credential.ValueEquals(UpstreamCredential.Mask),
        JsonValueKind.Object => credential.GetPropertyCount() > 0 && credential.EnumerateObject().All(member => IsMasked(member.Value)),
        _ => false,
    };

    private static void Write(Utf8JsonWriter json, UpstreamMessage upstream)
    {
        json.WriteString("name"u8, upstream.Name);
        json.WriteString("kind"u8, upstream.Kind);
        json.WriteString("base_url"u8, upstream.BaseUrl);
        json.WritePropertyName("credential"u8);
        json.WriteRawValue(upstream.Shown ?? "null");
    }
}
