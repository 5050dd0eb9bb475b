using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Kinds;

/// <summary>Basic and bearer authorization from <c>credential.username</c>, <c>.password</c> and <c>.bearer</c>, for the kinds that take either or none.</summary>
internal static class Authorization
{
    public static ImmutableArray<FieldRule> Rules { get; } =
    [
        new("username", FieldForm.Text, Check: (_, text) => text.Contains(':', StringComparison.Ordinal) ? "a name without a colon (RFC 7617)" : FieldChecks.Line(256)("", text)),
        new("password", FieldForm.Text, Check: FieldChecks.Line(1024)),
        new("bearer", FieldForm.Text, Check: FieldChecks.Token(8192)),
    ];

    /// <summary>Both halves of Basic, and not both kinds.</summary>
    public static ConfigError? Check(SecretBag secrets)
    {
        bool name = secrets.Find("credential.username") is not null;
        bool password = secrets.Find("credential.password") is not null;
        return name && !password ? new ConfigError("credential.password", "a string beside credential.username")
            : password && !name ? new ConfigError("credential.username", "a string beside credential.password")
            : name && secrets.Find("credential.bearer") is not null ? new ConfigError("credential.bearer", "either this or username and password, not both")
            : null;
    }

    /// <summary>The header; null for none.</summary>
    public static AuthenticationHeaderValue? From(SecretBag secrets) =>
        secrets.Find("credential.bearer") is { } bearer ? new AuthenticationHeaderValue("Bearer", bearer)
        : secrets.Find("credential.username") is { } name ? Basic(name, secrets.Find("credential.password") ?? "")
        : null;

    public static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(name + ":" + password)));
}
