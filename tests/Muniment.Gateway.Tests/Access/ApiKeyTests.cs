using System.Security.Cryptography;
using Muniment.Events;
using Muniment.Gateway.Access;

namespace Muniment.Gateway.Tests.Access;

public class ApiKeyTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("a_b-c_d")]
    [InlineData("0")]
    public void A_new_key_is_read_back(string name)
    {
        TenantId tenant = TenantId.Parse(name);
        (string text, string id) = ApiKey.Create(tenant);
        Assert.StartsWith($"mk_{name}_{id}_", text, StringComparison.Ordinal);
        Assert.True(ApiKey.TryParse(text, out TenantId parsed, out string? parsedId));
        Assert.Equal(tenant, parsed);
        Assert.Equal(id, parsedId);
    }

    [Fact]
    public void Every_changed_or_missing_character_is_noticed()
    {
        (string text, string id) = ApiKey.Create(TenantId.Default);
        for (int i = 0; i < text.Length; i++)
        {
            string changed = text[..i] + (text[i] == 'x' ? 'y' : 'x') + text[(i + 1)..];
            Assert.False(ApiKey.TryParse(changed, out _, out _), $"changed at {i}");
            Assert.False(ApiKey.TryParse(text.Remove(i, 1), out _, out _), $"cut at {i}");
        }

        Assert.Equal(12, id.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mk_")]
    [InlineData("mk___")]
    [InlineData("mk_a_b_c")]
    [InlineData("Bearer")]
    [InlineData("\u0000\uFFFF")]
    public void What_is_no_key_is_none(string text) => Assert.False(ApiKey.TryParse(text, out _, out _));

    [Fact]
    public void The_longest_tenant_name_fits()
    {
        (string text, _) = ApiKey.Create(TenantId.Parse(new string('a', TenantId.MaxLength)));
        Assert.Equal(ApiKey.MaxLength, text.Length);
        Assert.True(ApiKey.TryParse(text, out _, out _));
        byte[] hash = new byte[32];
        ApiKey.Hash(text, hash);
        Assert.Equal(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)), hash);
    }
}
