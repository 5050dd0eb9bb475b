using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Administration;

/// <summary><c>/api/v1/settings</c>: organisation, project and user settings with locks, and what counts in the end.</summary>
internal sealed class SettingsRoutes(ITenantStore store, TimeProvider time)
{
    private const string ScopeExpected = "org, project:ID or user:ID";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/settings/effective", (Delegate)EffectiveAsync).Requires(Permission.ReadConfiguration).Takes("project", "user");
        routes.MapGet("/api/v1/settings/{scope}", (Delegate)GetAsync).Requires(Permission.ReadConfiguration);
        routes.MapPut("/api/v1/settings/{scope}", (Delegate)PutAsync).Requires(Permission.WriteConfiguration);
    }

    private async Task<IResult> GetAsync(HttpContext context, string scope)
    {
        if (!IsScope(scope))
        {
            return Problem.BadField("scope", ScopeExpected);
        }

        SettingsMessage settings = await store.GetSettingsAsync(context.Caller().Tenant, scope);
        return JsonAnswer.Ok(json => Write(json, settings));
    }

    private async Task<IResult> EffectiveAsync(HttpContext context)
    {
        SettingsMessage settings = await store.GetEffectiveSettingsAsync(context.Caller().Tenant, context.Request.Query["project"], context.Request.Query["user"]);
        return JsonAnswer.Ok(json =>
        {
            Write(json, settings);
            json.WriteStartObject("from"u8);
            foreach (SettingMessage value in settings.Values)
            {
                json.WriteString(value.Key, value.From);
            }

            json.WriteEndObject();
        });
    }

    private async Task<IResult> PutAsync(HttpContext context, string scope)
    {
        if (!IsScope(scope))
        {
            return Problem.BadField("scope", ScopeExpected);
        }

        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            if (body.Text("scope", TenantLimits.MaxNameLength + 8) is { } named && named != scope)
            {
                body.Fail("scope", $"{scope}, as in the address", 0);
            }

            long version = body.Count("version", -1);
            ImmutableArray<SettingMessage> values = Values(body, scope);
            ImmutableArray<string> locks = Locks(body);
            if (body.Finish() is { } wrong)
            {
                return wrong;
            }

            Caller caller = context.Caller();
            TenantChange change = await store.PutSettingsAsync(caller.Tenant, new SettingsMessage(scope, version, values, locks), Acts.Message(caller, "settings.update", scope, time));
            if (Changes.Refuse(change) is { } refused)
            {
                return refused;
            }

            return Results.Bytes(change.After.ToArray(), "application/json");
        }
    }

    private static ImmutableArray<SettingMessage> Values(JsonFields body, string scope)
    {
        JsonElement values = body.Any("values");
        if (values.ValueKind is JsonValueKind.Undefined)
        {
            return [];
        }

        if (values.ValueKind is not JsonValueKind.Object || values.GetPropertyCount() > TenantLimits.MaxSettingsPerScope)
        {
            return body.Fail<ImmutableArray<SettingMessage>>("values", $"an object of at most {TenantLimits.MaxSettingsPerScope} settings", []);
        }

        ImmutableArray<SettingMessage>.Builder list = ImmutableArray.CreateBuilder<SettingMessage>();
        foreach (JsonProperty setting in values.EnumerateObject())
        {
            string json = setting.Value.GetRawText();
            if (setting.Name.Length is 0 or > TenantLimits.MaxNameLength || json.Length > TenantLimits.MaxSettingLength)
            {
                return body.Fail<ImmutableArray<SettingMessage>>(
                    "values", $"names of 1 to {TenantLimits.MaxNameLength} characters and values of at most {TenantLimits.MaxSettingLength}", []);
            }

            list.Add(new SettingMessage(setting.Name, json, scope));
        }

        return list.DrainToImmutable();
    }

    private static ImmutableArray<string> Locks(JsonFields body)
    {
        JsonElement locks = body.Any("locks");
        if (locks.ValueKind is JsonValueKind.Undefined)
        {
            return [];
        }

        const string Expected = "an array of names of settings";
        if (locks.ValueKind is not JsonValueKind.Array || locks.GetArrayLength() > TenantLimits.MaxSettingsPerScope)
        {
            return body.Fail<ImmutableArray<string>>("locks", Expected, []);
        }

        ImmutableArray<string>.Builder list = ImmutableArray.CreateBuilder<string>();
        foreach (JsonElement item in locks.EnumerateArray())
        {
            if (item.ValueKind is not JsonValueKind.String || item.GetString() is not { Length: > 0 and <= TenantLimits.MaxNameLength } name)
            {
                return body.Fail<ImmutableArray<string>>("locks", Expected, []);
            }

            list.Add(name);
        }

        return list.DrainToImmutable();
    }

    private static bool IsScope(string scope) =>
        scope == "org"
        || (scope.Length <= TenantLimits.MaxNameLength
            && ((scope.StartsWith("project:", StringComparison.Ordinal) && scope.Length > 8) || (scope.StartsWith("user:", StringComparison.Ordinal) && scope.Length > 5)));

    private static void Write(Utf8JsonWriter json, SettingsMessage settings)
    {
        json.WriteString("scope"u8, settings.Scope);
        json.WriteNumber("version"u8, settings.Version);
        json.WriteStartObject("values"u8);
        foreach (SettingMessage value in settings.Values)
        {
            json.WritePropertyName(value.Key);
            json.WriteRawValue(value.ValueJson);
        }

        json.WriteEndObject();
        json.WriteStartArray("locks"u8);
        foreach (string name in settings.Locks)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }
}
