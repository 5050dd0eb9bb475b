using System.Net;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.OAuth;

public sealed class OAuthTokensTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Handler _handler = new();
    private readonly HttpClient _client;
    private readonly OAuthTokens _tokens;

    public OAuthTokensTests()
    {
        _client = new HttpClient(_handler);
        _tokens = new OAuthTokens(_client, new ClientCredentials(new Uri("https://login.example/token"), "id", "secret", "scope"), _time);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task A_token_serves_until_four_fifths_of_its_life()
    {
        Assert.Equal(("t1", true), await GetAsync());
        _time.Advance(TimeSpan.FromSeconds(2800));
        Assert.Equal(("t1", false), await GetAsync());
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(("t2", true), await GetAsync());
    }

    [Fact]
    public async Task A_refused_token_is_not_given_again()
    {
        await GetAsync();
        Assert.Equal(("t2", true), await GetAsync("t1"));
        Assert.Equal(("t2", false), await GetAsync("t1"));
    }

    [Fact]
    public async Task The_old_token_serves_while_renewal_fails_in_passing_and_not_longer_than_it_lives()
    {
        await GetAsync();
        _handler.Status = 503;
        _time.Advance(TimeSpan.FromSeconds(3000));
        Assert.Equal(("t1", false), await GetAsync());
        _time.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal(OutcomeKind.RetryLater, (await _tokens.GetAsync(null, default)).Trouble!.Kind);
    }

    [Fact]
    public async Task Many_at_once_fetch_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync()));
        Assert.Equal(1, _handler.Requests);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""", OutcomeKind.CredentialRejected)]
    [InlineData(401, """{"error":"invalid_client"}""", OutcomeKind.CredentialRejected)]
    [InlineData(403, "", OutcomeKind.CredentialRejected)]
    [InlineData(400, """{"error":"invalid_scope"}""", OutcomeKind.Misconfigured)]
    [InlineData(404, "", OutcomeKind.Misconfigured)]
    [InlineData(302, "", OutcomeKind.Misconfigured)]
    [InlineData(429, "", OutcomeKind.RetryLater)]
    [InlineData(500, "", OutcomeKind.RetryLater)]
    [InlineData(200, "{}", OutcomeKind.Misconfigured)]
    [InlineData(200, "<html>", OutcomeKind.Misconfigured)]
    [InlineData(200, """{"access_token":"a\nb"}""", OutcomeKind.Misconfigured)]
    public async Task What_the_authority_answers_has_its_outcome(int status, string body, OutcomeKind expected)
    {
        (_handler.Status, _handler.Body) = (status, body);
        BearerToken token = await _tokens.GetAsync(null, default);
        Assert.Equal(expected, token.Trouble!.Kind);
        Assert.DoesNotContain("secret", token.ToString().Replace("client_secret", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private async Task<(string?, bool)> GetAsync(string? refused = null)
    {
        BearerToken token = await _tokens.GetAsync(refused, default);
        return (token.Text, token.IsNew);
    }

    private sealed class Handler : HttpMessageHandler
    {
        private int _requests;

        public int Requests => _requests;

        public int Status { get; set; } = 200;

        public string? Body { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            int number = Interlocked.Increment(ref _requests);
            return Task.FromResult(new HttpResponseMessage((HttpStatusCode)Status) { Content = new StringContent(Body ?? $$"""{"access_token":"t{{number}}","expires_in":"3600"}""") });
        }
    }
}
