using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Local.Activations;
using Orleans.Local.Silos;
using Orleans.Storage;

namespace Orleans.Local.Calls;

/// <summary>A call of a grain method, from the caller's hand to the answer.</summary>
internal sealed partial class Call<TResult>(GrainMethod<TResult> method, GrainProxy target, object?[] arguments, CancellationToken cancelled) : PendingCall
{
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivityContext _parent = target.Origin.PropagatesActivity ? Activity.Current?.Context ?? default : default;
    private CancellationTokenRegistration _cancellation;
    private TResult _result = default!;
    private Exception? _failure;

    public Task<TResult> Answer => _answer.Task;

    public override bool IsAbandoned => _answer.Task.IsCompleted;

    /// <summary>A cancelled caller is answered at once; a waiting call is not started, a running one sees its token on its own scheduler.</summary>
    public void WatchCancellation()
    {
        if (cancelled.CanBeCanceled)
        {
            _cancellation = cancelled.UnsafeRegister(static (call, token) => ((Call<TResult>)call!).Cancel(token), this);
        }
    }

    public override void Fail(Exception exception)
    {
        if (method.OneWay) LogOneWayFailed(target.Origin.Cluster.Logger, exception, method.ActivityName, target.GrainId);
        if (exception is OperationCanceledException canceled) Finish(_answer.TrySetCanceled(canceled.CancellationToken));
        else Finish(_answer.TrySetException(exception));
        // A one-way failure was logged; nobody else will look at it.
        if (method.OneWay) _ = _answer.Task.Exception;
    }

    internal override void TimeOut(TimeSpan timeout)
    {
        Instruments.TimedOut.Add(1);
        Fail(new TimeoutException($"Response did not arrive on time in {timeout} for message: {method.ActivityName} of {target.GrainId}."));
    }

    protected override async Task InvokeAsync(Activation activation)
    {
        using Activity? activity = target.Origin.PropagatesActivity
            ? Tracing.Application.StartActivity(method.ActivityName, ActivityKind.Server, _parent)
            : null;
        using CancellationTokenSource? token = cancelled.CanBeCanceled ? new() : null;
        using CancellationTokenRegistration passedOn = token is null ? default : PassOn(token, activation);
        try
        {
            object grain = activation.GrainInstance!;
            _result = activation.Silo.Filters.Length == 0 && grain is not IIncomingGrainCallFilter
                ? await method.InvokeAsync(grain, arguments)
                : await FilteredCall.RunAsync(activation, this, method.Method, arguments, async a => await method.InvokeAsync(grain, a)) is TResult filtered ? filtered : default!;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (exception is InconsistentStateException { IsSourceActivation: true } inconsistent)
            {
                inconsistent.IsSourceActivation = false;
                activation.Deactivate(new(DeactivationReasonCode.ApplicationError, exception, "A request ended with InconsistentStateException."));
            }
            _failure = exception;
        }
    }

    protected override void Respond()
    {
        if (_failure is null) Finish(_answer.TrySetResult(_result));
        else Fail(_failure);
    }

    private CancellationTokenRegistration PassOn(CancellationTokenSource token, Activation activation)
    {
        arguments[method.TokenIndex] = token.Token;
        return cancelled.UnsafeRegister(
            static state =>
            {
                (CancellationTokenSource source, Activation on) = ((CancellationTokenSource, Activation))state!;
                on.Scheduler.Post(static source => Cancel((CancellationTokenSource)source!), source);
            },
            (token, activation));

        static void Cancel(CancellationTokenSource source)
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The call ended in the meantime.
            }
        }
    }

    private void Cancel(CancellationToken token) => Finish(_answer.TrySetCanceled(token));

    private void Finish(bool answered)
    {
        if (!answered) return;
        Deadlines?.Remove(this);
        if (cancelled.CanBeCanceled) _cancellation.Unregister();
    }

    [LoggerMessage(4, LogLevel.Warning, "One-way call {Method} of {GrainId} failed.")]
    private static partial void LogOneWayFailed(ILogger logger, Exception exception, string method, Runtime.GrainId grainId);
}
